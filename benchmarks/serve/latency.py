"""Latency at a constant rate: in peace, while a generation is published, while the store is out."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from benchmarks.serve.open_loop import PERCENTILES, Arrivals, open_loop
from benchmarks.serve.processes import ROOT, Running

HEADER = f"  {'':44}" + "".join(f"{f'p{share:.0%}'.rstrip('%'):>10}" for share in PERCENTILES)


def in_peace(server: Running, users: int, rate: float, seconds: float) -> None:
    show("in peace", open_loop(server.port, users, rate, seconds))


def during_a_publish(
    server: Running, users: int, rate: float, seconds: float, store_url: str
) -> None:
    """Another process writes and publishes a generation of the same size, from a third on."""
    taken: list[float] = []

    def publish() -> None:
        command = [sys.executable, "-m", "benchmarks.serve.publish", store_url, str(users)]
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begun)

    arrivals = _with(publish, seconds / 3, server, users, rate, seconds)
    show(f"during a publish (of {taken[0]:.1f} s)", arrivals.between(seconds / 3, seconds))


def during_an_outage(
    server: Running, users: int, rate: float, seconds: float, endpoint: str
) -> None:
    """The store's process stands still for the middle third, then goes on."""
    third = seconds / 3
    store = _process_of(endpoint)

    def outage() -> None:
        os.kill(store, signal.SIGSTOP)
        time.sleep(third)
        os.kill(store, signal.SIGCONT)

    arrivals = _with(outage, third, server, users, rate, seconds)
    show("before the store's outage", arrivals.between(0, third))
    show("during it", arrivals.between(third, 2 * third))
    show("after it", arrivals.between(2 * third, seconds))


def show(name: str, arrivals: Arrivals) -> None:
    listed = "".join(f"{value:8.1f}ms" for value in arrivals.percentiles_ms())
    statuses = ", ".join(f"{count:,} x {code}" for code, count in arrivals.statuses().items())
    print(f"  {name:44}{listed}   {statuses}", flush=True)


def _process_of(endpoint: str) -> int:
    """Process id of the DynamoDB Local that was told to listen at the endpoint's port."""
    port = endpoint.rpartition(":")[2]
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = command.read_bytes().decode(errors="replace").split("\0")
            if words[0].endswith("java") and words[-2:-1] == [port]:
                return int(command.parent.name)
    raise RuntimeError(f"No DynamoDB Local runs at {endpoint}")


def _with(
    event: Callable[[], None],
    after_seconds: float,
    server: Running,
    users: int,
    rate: float,
    seconds: float,
) -> Arrivals:
    timer = threading.Timer(after_seconds, event)
    timer.start()
    arrivals = open_loop(server.port, users, rate, seconds)
    timer.join()
    return arrivals
