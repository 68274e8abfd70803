"""Memory of this process: what it holds, and what it held at most."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pyarrow as pa

BYTES_PER_MB = 2**20
# Linux alone has it.
PROCESS = Path("/proc/self")


def resident_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


def restart_peak() -> None:
    """From now on `peak_bytes` counts anew; only Linux can, elsewhere it stays the peak so far."""
    with suppress(OSError):
        (PROCESS / "clear_refs").write_text("5")


def peak_bytes() -> int:
    """The most that was resident since `restart_peak`; where no system tells, what is now."""
    with suppress(OSError, IndexError):
        status = (PROCESS / "status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    try:
        import resource
    except ImportError:
        return resident_bytes()
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@contextmanager
def without_collections() -> Iterator[None]:
    """For work that makes millions of small objects and no cycles among them.

    Python would look for cycles after every few thousand, through all objects there are.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def give_back() -> None:
    """Return to the system what was freed here, which allocators keep for later."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    # glibc alone has it, and needs it.
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
