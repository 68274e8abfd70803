"""Clients that do not send what they announced do not keep others from being answered."""

import fcntl
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from server.process.slow_bodies import _connections
from shared.stores import open_store
from tests.server.generations import publish
from tests.server.running import PATIENCE_SECONDS, Server, running_server

HEAD = (
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 60\r\n\r\n"
)
LOOKUP, BATCH = HEAD % b"/similar-users", HEAD % b"/similar-users/batch"
WHOLE = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
SENT = {
    "silent": LOOKUP + b'{"user',
    "silent in Flask": BATCH + b'{"user',
    "nothing of the body": LOOKUP,
    "chunked": LOOKUP.replace(b"Content-Length: 60", b"Transfer-Encoding: chunked") + b"3\r\n{",
    "behind a whole request": WHOLE + LOOKUP + b'{"user',
    "waits to be asked for the body": LOOKUP[:-2] + b"Expect: 100-continue\r\n\r\n",
    "a byte now and then": LOOKUP,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow") / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder, server_threads=2) as server:
        yield server


@pytest.mark.parametrize("kind", SENT)
def test_others_are_answered_while_bodies_do_not_come(server: Server, kind: str):
    slow = [
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
        for _ in range(4)
    ]
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.1):
            for connection in slow:
                with suppress(OSError):
                    connection.sendall(b" ")

    dripping = threading.Thread(target=drip)
    for connection in slow:
        connection.sendall(SENT[kind])
    if kind == "a byte now and then":
        dripping.start()
    try:
        # Both threads wait for bodies now, for as long as nobody ends these connections. A request
        # that has waited behind them for as long may be ended with them, so clients try again.
        with requests.Session() as client:
            client.mount("http://", HTTPAdapter(max_retries=Retry(5, allowed_methods=None)))
            answer = client.post(
                f"{server.url}/similar-users", json={"user_handle": 999}, timeout=20
            )
        assert answer.status_code == 200
    finally:
        over.set()
        if dripping.ident:
            dripping.join()
        for connection in slow:
            connection.close()


@contextmanager
def crowd(port: int, size: int, said: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have said so much, and then nothing."""
    connections = []
    try:
        for _ in range(size):
            connections.append(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))
            connections[-1].sendall(said)
        yield connections
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("said", [b"", b"POST /similar-users HTTP/1.1\r\nHost: loc"])
def test_others_are_answered_beside_a_crowd_that_says_nothing(server: Server, said: bytes):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2000:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with crowd(server.port, 1500, said) as silent:
        for _ in range(3):
            asked_at = time.monotonic()
            answer = requests.post(
                f"{server.url}/similar-users", json={"user_handle": 999}, timeout=20
            )
            assert answer.status_code == 200
            assert time.monotonic() - asked_at < 3
        # So many end, long before the 75 s of an idle connection, that others have room.
        ended_by = time.monotonic() + 20
        for connection in silent[:400]:
            connection.settimeout(max(0.01, ended_by - time.monotonic()))
            while connection.recv(4096):
                pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="connections are found by /proc")
def test_looking_for_slow_connections_keeps_the_locks_of_this_process(tmp_path):
    path = tmp_path / "locked"
    with path.open("w+b") as file, socket.create_server(("127.0.0.1", 0)) as listening:
        fcntl.lockf(file, fcntl.LOCK_EX)
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, listening.accept()[0]:
            assert len(list(_connections(port))) == 1
            assert client.getpeername()[1] == port
        # Another process, since locks of one process never exclude each other.
        ask = (
            f"import fcntl; fcntl.lockf(open({str(path)!r}, 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        )
        refused = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
        assert refused.returncode == 1
        assert "BlockingIOError" in refused.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_told_to_stop_stops_within_5_s_whatever_clients_do(tmp_path, workers):
    publish(open_store(f"sqlite:///{tmp_path}/store"))
    with running_server(tmp_path / "store", server_workers=workers) as server:
        many = 100 * WHOLE.replace(b"/health", b"/openapi.json")
        with ExitStack() as clients:
            for said in (b"", WHOLE, WHOLE[:20], *SENT.values(), many):
                clients.enter_context(crowd(server.port, 2, said))
            time.sleep(0.5)  # until the threads have begun to wait for the bodies
            told_at = time.monotonic()
            server.process.terminate()
            assert server.process.wait(PATIENCE_SECONDS) == 0
            assert time.monotonic() - told_at < 5
