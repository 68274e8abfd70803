"""Rate limits that all worker processes of one machine keep together."""

import fcntl
import hashlib
import mmap
import os
import struct
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from server.access.api_keys import RateLimit

SLOTS = 1 << 16
_SLOT = struct.Struct("=8sd")
_EMPTY = bytes(8)
_MARKS_BYTES = SLOTS * _SLOT.size


class RateLimiter:
    """A token bucket per key, as the generic cell rate algorithm (ITU-T I.371) keeps it.

    One number per key says when its bucket would be full again; it lies in a file that every
    worker maps. A slot is changed under a lock of the file system, which the system takes back
    from a process that dies. `clock` has to count alike in all processes of the machine, as
    time.monotonic does.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        """`path` is of `shared_marks`; without it the limits are of this process alone."""
        self._clock = clock
        file = -1
        self._lock: Callable[[int, int, int], None] = _nobody_else
        if path is not None:
            file = os.open(path, os.O_RDWR)
            weakref.finalize(self, os.close, file)
            self._lock = partial(fcntl.lockf, file)
        self._marks = mmap.mmap(file, _MARKS_BYTES)
        # Locks of the file system exclude processes, not threads of one.
        self._threads = threading.Lock()
        self._offsets: dict[str, int] = {}

    def seconds_to_wait(self, key_id: str, limit: RateLimit, cost: int = 1) -> float:
        """Count a request: 0 if it may go on, else how long to wait before the next try.

        `cost`, at most the limit's burst, is for how many requests it counts.
        """
        with self._threads:
            offset = self._offsets.get(key_id)
            if offset is None:
                offset = self._offsets[key_id] = self._find(key_id)
            self._lock(fcntl.LOCK_EX, _SLOT.size, offset)
            try:
                return self._count(offset, limit, cost)
            finally:
                self._lock(fcntl.LOCK_UN, _SLOT.size, offset)

    def _count(self, offset: int, limit: RateLimit, cost: int) -> float:
        now = self._clock()
        interval = 1 / limit.requests_per_second
        owner, full_at = _SLOT.unpack_from(self._marks, offset)
        full_at = max(full_at, now)
        # An older, larger limit may have left a mark that no bucket of this size can have.
        full_at = min(full_at, now + limit.burst * interval)
        too_early = full_at + cost * interval - now - limit.burst * interval
        if too_early > 1e-9 * interval:
            return float(too_early)
        _SLOT.pack_into(self._marks, offset, owner, full_at + cost * interval)
        return 0.0

    def _find(self, key_id: str) -> int:
        """The key's slot: the same in every process."""
        owner = hashlib.blake2b(key_id.encode(), digest_size=8).digest()
        home = int.from_bytes(owner, "big")
        self._lock(fcntl.LOCK_EX, 0, 0)
        try:
            for step in range(SLOTS):
                offset = (home + step) % SLOTS * _SLOT.size
                found = self._marks[offset : offset + 8]
                if found == _EMPTY:
                    _SLOT.pack_into(self._marks, offset, owner, 0.0)
                if found in (owner, _EMPTY):
                    return offset
        finally:
            self._lock(fcntl.LOCK_UN, 0, 0)
        return home % SLOTS * _SLOT.size  # 65,536 keys since the start: two share a bucket


def _nobody_else(command: int, length: int, start: int) -> None:
    """In place of a lock: marks without a file are of this process alone."""


@contextmanager
def shared_marks(folder: Path | None) -> Iterator[Path | None]:
    """A file for the marks of one server and its workers; None if there can be none.

    On Linux it lies in memory, so that no disk is needed; elsewhere in `folder`. It is written
    whole, because a mapped file that finds no room later ends the process.
    """
    memory = None
    if sys.platform == "linux":
        memory = os.memfd_create("kindred-rates")
    try:
        in_memory = None if memory is None else Path(f"/proc/{os.getpid()}/fd/{memory}")
        yield _written_whole(in_memory) or _written_whole(folder and folder / "rates")
    finally:
        if memory is not None:
            os.close(memory)


def _written_whole(path: Path | None) -> Path | None:
    if path is not None:
        with suppress(OSError):
            path.write_bytes(bytes(_MARKS_BYTES))
            return path
    return None
