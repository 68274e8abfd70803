"""How many processors this process may keep busy, on any system."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import scipy.linalg  # noqa: F401  (brings the BLAS that is to be limited)
from threadpoolctl import ThreadpoolController

CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def available_threads() -> int:
    """The processors this process may run on, or what its container may use, if that is less."""
    quotas = [math.ceil(quota) for quota in _quotas()]
    return max(1, min([_processors(), *quotas]))


def too_many_threads(threads: int) -> str | None:
    """What is wrong with THREADS, as one sentence; None if there are as many."""
    available = available_threads()
    if threads <= available:
        return None
    return (
        f"THREADS is {threads}, and this process may use {available}: more threads than processors "
        "make products of matrices slower, not faster."
    )


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it products of matrices keep to the thread that asks for them.

    What they add up to is then the same whatever THREADS says, and no thread waits for others by
    turning in circles, which took 20 times the processor time where processors were busy.
    """
    with _blas().limit(limits=1, user_api="blas"):
        yield


@cache
def _blas() -> ThreadpoolController:
    # Looking for libraries takes milliseconds, too long for every small list.
    return ThreadpoolController()


def _processors() -> int:
    # Only Linux and FreeBSD have it, and only there can a process be kept to some processors.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas() -> Iterator[float]:
    """Processors that each control group around this process grants, of those that grant any."""
    for folder in _groups():
        # Version 2: "max 100000" or "150000 100000".
        with suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text().split()
            if quota != "max":
                yield int(quota) / int(period)
        # Version 1: -1 is no limit.
        with suppress(OSError, ValueError):
            granted = int((folder / "cpu.cfs_quota_us").read_text())
            if granted > 0:
                yield granted / int((folder / "cpu.cfs_period_us").read_text())


def _groups() -> Iterator[Path]:
    """The folders of this process's groups and of those around them, up to the root."""
    lines: list[str] = []
    with suppress(OSError):
        lines = MEMBERSHIP.read_text().splitlines()
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = CGROUPS / controllers if controllers else CGROUPS
        group = root / path.lstrip("/")
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(root))
    # Inside a container its own group is often all that is mounted.
    yield from (CGROUPS, CGROUPS / "cpu")
