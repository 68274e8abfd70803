"""Every contender as a process of its own, started before and stopped after its turn."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.processes import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class Running:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/similar-users"

    def worker(self) -> int:
        """Process id of the (first) worker, or of the process itself if it has none."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        named = [int(child) for child in children if "resource_tracker" not in _command(child)]
        return named[0] if named else pid


@contextmanager
def running(module: list[str], settings: Mapping[str, object]) -> Iterator[Running]:
    """`python MODULE...` with these settings, once it answers; `{port}` in an argument is its."""
    port = free_port()
    given = {"SERVER_PORT": port, **settings}
    process = subprocess.Popen(
        [sys.executable, *(part.replace("{port}", str(port)) for part in module)],
        cwd=ROOT,
        env=os.environ | {name: str(value) for name, value in given.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(port, process)
        yield Running(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    body, headers = orjson.dumps({"user_handle": 1}), {"Content-Type": "application/json"}
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", "/similar-users", body, headers)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")


def _command(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()
