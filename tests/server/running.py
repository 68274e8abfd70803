"""A real server process, started as an operator starts it."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.processes import ROOT, environment, free_port

PATIENCE_SECONDS = 60


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    lines: "queue.Queue[str]"
    reader: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for_line(self, text: str) -> str:
        """The next line that holds `text`; fails if the process ends or says nothing for long."""
        said = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                said.append(self.lines.get(timeout=0.1))
            except queue.Empty:
                assert self.process.poll() is None, said
                continue
            if text in said[-1]:
                return said[-1]
        raise AssertionError(f"never said {text!r}: {said}")

    def said_everything(self) -> None:
        """Wait for the last line of a process that has ended."""
        self.reader.join(PATIENCE_SECONDS)

    def workers(self) -> list[int]:
        """Process ids of the workers, from /proc."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def post(self, path: str, body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=PATIENCE_SECONDS)


def server_environment(folder: Path, port: int, **settings: object) -> dict[str, str]:
    secret = folder.parent / "session_secret"
    named = {"store_url": f"sqlite:///{folder}", "session_secret_file": secret, "server_port": port}
    named |= settings
    return environment(**{name.upper(): str(value) for name, value in named.items()})


@contextmanager
def running_server(
    folder: Path,
    wait: str = "Kindred answers",
    through: Sequence[str] = (),
    **settings: object,
) -> Iterator[Server]:
    """`through` is a command that becomes the server's when its arguments are that."""
    port = free_port()
    process = subprocess.Popen(
        [*through, sys.executable, ROOT / "run_server.py"],
        cwd=folder.parent,
        env=server_environment(folder, port, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    reader = threading.Thread(
        target=lambda out: [lines.put(line) for line in out], args=[process.stdout]
    )
    reader.start()
    server = Server(process, port, lines, reader)
    try:
        if wait:
            server.wait_for_line(wait)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            process.wait()
            reader.join(PATIENCE_SECONDS)
            process.stdout.close()
