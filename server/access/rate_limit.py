"""Rate limits that all worker processes of one machine keep together."""

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from server.access.api_keys import RateLimit
from shared.errors import SettingsError

SLOTS = 1 << 16
_SLOT = struct.Struct("=8sd")
_EMPTY = bytes(8)


class RateLimiter:
    """A token bucket per key, as the generic cell rate algorithm (ITU-T I.371) keeps it.

    One number per key says when its bucket would be full again; it lies in a file that every
    worker maps. A slot is changed under a lock of the file system, which the system takes back
    from a process that dies. `clock` has to count alike in all processes of the machine, as
    time.monotonic does.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        """`path` is of `new_marks`; without it the limits are of this process alone."""
        self._clock = clock
        with open(path, "r+b") if path else tempfile.TemporaryFile() as file:
            file.truncate(SLOTS * _SLOT.size)
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._marks = mmap.mmap(self._file, SLOTS * _SLOT.size)
        # Locks of the file system exclude processes, not threads of one.
        self._threads = threading.Lock()
        self._offsets: dict[str, int] = {}

    def seconds_to_wait(self, key_id: str, limit: RateLimit) -> float:
        """Count a request: 0 if it may go on, else how long to wait before the next try."""
        with self._threads:
            offset = self._offsets.get(key_id)
            if offset is None:
                offset = self._offsets[key_id] = self._find(key_id)
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SLOT.size, offset)
            try:
                return self._count(offset, limit)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SLOT.size, offset)

    def _count(self, offset: int, limit: RateLimit) -> float:
        now = self._clock()
        interval = 1 / limit.requests_per_second
        owner, full_at = _SLOT.unpack_from(self._marks, offset)
        full_at = max(full_at, now)
        # An older, larger limit may have left a mark that no bucket of this size can have.
        full_at = min(full_at, now + limit.burst * interval)
        too_early = full_at + interval - now - limit.burst * interval
        if too_early > 1e-9 * interval:
            return float(too_early)
        _SLOT.pack_into(self._marks, offset, owner, full_at + interval)
        return 0.0

    def _find(self, key_id: str) -> int:
        """The key's slot: the same in every process."""
        owner = hashlib.blake2b(key_id.encode(), digest_size=8).digest()
        home = int.from_bytes(owner, "big")
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            for step in range(SLOTS):
                offset = (home + step) % SLOTS * _SLOT.size
                found = self._marks[offset : offset + 8]
                if found == _EMPTY:
                    _SLOT.pack_into(self._marks, offset, owner, 0.0)
                if found in (owner, _EMPTY):
                    return offset
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        return home % SLOTS * _SLOT.size  # 65,536 keys since the start: two share a bucket


def new_marks(folder: Path) -> Path:
    """A file in `folder` for the marks of one server and its workers.

    It is written whole, because a mapped file that finds no room later ends the process. Raises
    SettingsError.
    """
    path = folder / "rates"
    try:
        path.write_bytes(bytes(SLOTS * _SLOT.size))
    except OSError as error:
        raise SettingsError(
            f"Cannot write {path}: {error.strerror}. Make room, or set TMPDIR to another folder."
        ) from error
    return path
