"""The two programs as a user starts them: real processes, real HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without any setting of Kindred, plus `settings`."""
    from shared.settings import GeneratorSettings, ServerSettings

    fields = GeneratorSettings.model_fields.keys() | ServerSettings.model_fields.keys()
    names = {name.upper() for name in fields}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, **settings}


def run_generator(
    *arguments: str, cwd: Path = ROOT, **settings: str
) -> subprocess.CompletedProcess[str]:
    """`python run_generator.py ARGUMENTS`, to its end."""
    return subprocess.run(
        [sys.executable, ROOT / "run_generator.py", *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=500,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(**settings: str) -> Iterator[str]:
    """`python run_server.py` on a free port; gives its base URL once it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, ROOT / "run_server.py"],
        cwd=ROOT,
        env=environment(SERVER_PORT=str(port), **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_it_answers(f"{url}/health", process)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_until_it_answers(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"The server ended at once: {process.communicate()[0]}")
        try:
            requests.get(url, timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"Nothing answered at {url} within {START_SECONDS} s")
