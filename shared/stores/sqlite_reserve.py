"""Room for the next change of a control file, kept while there is room.

On a full disk SQLite cannot change a byte: its journal has no place. So nobody could roll back, or
remove what fills the disk. A file that is good for nothing else is given up then, and made again
when there is room.
"""

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 256 * 1024
"""More than a journal of a manifest and of the state of a tenant, which hold a copy of each."""
NAME = "reserve"


def keep_reserve(folder: Path) -> None:
    """Make the file, if it is not there whole; without room there is none."""
    path = folder / NAME
    with suppress(OSError):
        if path.exists() and path.stat().st_size == RESERVE_BYTES:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            # Written, since a file system may promise room that it does not have.
            os.write(descriptor, bytes(RESERVE_BYTES))
        finally:
            os.close(descriptor)
        if path.stat().st_size < RESERVE_BYTES:
            path.unlink()


def give_up_reserve(folder: Path) -> bool:
    """Make room; False if there is none to make."""
    with suppress(OSError):
        (folder / NAME).unlink()
        return True
    return False


def is_full(error: Exception) -> bool:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        # A journal that cannot be made at all is an error of opening or of writing.
        return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
