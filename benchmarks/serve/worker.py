"""What one worker process takes: seconds to import, memory under load, and its growth."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.serve.open_loop import open_loop
from benchmarks.serve.processes import ROOT, Running

IMPORT = (
    "import time; begun = time.perf_counter(); import run_server; "
    "print(time.perf_counter() - begun)"
)
WARM_UP_SECONDS = 60


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
    """MB after a warm minute, and at the end, at a constant rate all the time."""
    failed = _load(server, users, rate, WARM_UP_SECONDS)
    before = resident_mb(server)
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        failed += _load(server, users, rate, 60)
        print(f"  {resident_mb(server):.1f} MB at {rate:,.0f} /s, {failed} failed", flush=True)
    if failed:
        raise RuntimeError(f"{failed} requests failed in the soak")
    return before, resident_mb(server)


def _load(server: Running, users: int, rate: float, seconds: float) -> int:
    arrivals = open_loop(server.port, users, rate, seconds, seed=time.time_ns())
    return len(arrivals.status) - arrivals.statuses()[200]
