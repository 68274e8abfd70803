"""Whether anybody has committed to a database in WAL mode since one looked, without asking it.

    NAME-shm   header (48 bytes) | the same again | ...      mapped by SQLite, and here

Every commit writes the header of the WAL index, whose checksum and counters are others then; SQLite
compares the same bytes at the start of every read (sqlite.org/walformat.html, section 2.1). A query
would take locks, and system calls for them, as long as the lookup that it is asked for.
"""

import mmap
import threading
from pathlib import Path

HEADER_BYTES = 48


class Changes:
    """For threads that keep a connection of their own open: as long, the file stays the one that is
    mapped. Another's would not do, since SQLite makes a new file after the last is closed."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def has_changed(self, name: str, database: Path) -> bool:
        """True the first time that a thread asks about this name, and after each commit.

        Raises OSError if the index cannot be mapped.
        """
        mapped: dict[str, _Mapped] = self._of_thread.__dict__
        index = mapped.get(name) or mapped.setdefault(name, _Mapped(database))
        before, index.header = index.header, index.bytes[:HEADER_BYTES]
        return before != index.header

    def forget(self, name: str) -> None:
        """This thread's connection is closed."""
        self._of_thread.__dict__.pop(name, None)


class _Mapped:
    def __init__(self, database: Path) -> None:
        with database.with_name(f"{database.name}-shm").open("rb") as file:
            self.bytes = mmap.mmap(file.fileno(), HEADER_BYTES, access=mmap.ACCESS_READ)
        self.header = b""
