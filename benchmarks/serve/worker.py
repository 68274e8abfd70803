"""What one worker process takes: seconds to import, memory under load, and its growth."""

import math
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.serve.open_loop import open_loop
from benchmarks.serve.processes import ROOT, Running

IMPORT = (
    "import time; begun = time.perf_counter(); import run_server; "
    "print(time.perf_counter() - begun)"
)
WARM_UP_SECONDS = 60
PARTS = 5
"""Of a soak; the last is compared with the first."""


def import_seconds(repeats: int) -> float:
    """Of everything that a worker imports, in fresh processes, the files being in memory."""
    command = [sys.executable, "-c", IMPORT]
    taken = [
        float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        for _ in range(repeats)
    ]
    return statistics.median(taken)


def resident_mb(server: Running) -> float:
    status = Path(f"/proc/{server.worker()}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def soak(server: Running, users: int, rate: float, minutes: float) -> tuple[float, float]:
    """MB in the first and in the last part of it, at a constant rate, after a minute to warm up.

    Both are medians of a sample a second: memory goes up and down with what is being answered.
    """
    failed = _load(server, users, rate, WARM_UP_SECONDS)
    samples: list[float] = []
    turns = math.ceil(minutes)
    with _sampling(server, samples):
        for _ in range(turns):
            start = len(samples)
            failed += _load(server, users, rate, 60 * minutes / turns)
            mb = statistics.median(samples[start:])
            print(f"  {mb:.1f} MB at {rate:,.0f} /s, {failed} failed", flush=True)
    if failed:
        raise RuntimeError(f"{failed} requests failed in the soak")
    part = -(-len(samples) // PARTS)
    return statistics.median(samples[:part]), statistics.median(samples[-part:])


@contextmanager
def _sampling(server: Running, samples: list[float]) -> Iterator[None]:
    """Append the worker's memory to `samples` every second."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(1):
            samples.append(resident_mb(server))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield
    finally:
        over.set()
        sampler.join()


def _load(server: Running, users: int, rate: float, seconds: float) -> int:
    arrivals = open_loop(server.port, users, rate, seconds, seed=time.time_ns())
    return len(arrivals.status) - arrivals.statuses()[200]
