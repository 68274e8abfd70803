"""Processes of one server share a stream, and never write into each other's lines."""

import socket
import subprocess
import sys
from pathlib import Path

import requests

from shared.stores import open_store
from tests.processes import ROOT, free_port
from tests.server.generations import publish
from tests.server.running import PATIENCE_SECONDS, server_environment


def test_whatever_is_said_reaches_the_stream_in_whole_lines(tmp_path: Path) -> None:
    """On a socket that keeps each write apart; without a buffer of Python's that joins some."""
    publish(open_store(f"sqlite:///{tmp_path}"))
    port = free_port()
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, ROOT / "run_server.py"],
        env=server_environment(tmp_path, port, server_workers=2, log_requests="all")
        | {"PYTHONUNBUFFERED": "1"},
        stdout=there,
        stderr=there,
    )
    there.close()
    with process, here:
        here.settimeout(PATIENCE_SECONDS)
        written = writes_until(here, b"curl")
        long_path = "x" * 20_000
        requests.get(f"http://127.0.0.1:{port}/{long_path}", timeout=PATIENCE_SECONDS)
        written += writes_until(here, long_path.encode())
        process.terminate()
    assert [line for line in written if not line.endswith(b"\n")] == []


def writes_until(stream: socket.socket, text: bytes) -> list[bytes]:
    """What was written, each write by itself, to the first one that holds `text`."""
    written = [b""]
    while text not in written[-1]:
        written.append(stream.recv(2**20))
    return list(filter(None, written))
