"""SQLite files in WAL mode, beside the finished ones: written while others read them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from shared.errors import StoreUnavailable
from shared.stores.sqlite_files import file_uri, unavailable
from shared.wal import switch_to_wal

BUSY_SECONDS = 5


def open_for_writing(
    path: Path, tables: str, synchronous: Literal["FULL", "NORMAL"]
) -> sqlite3.Connection:
    """Made with these tables if it is not there; for one thread at a time, whichever that is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        switch_to_wal(connection, BUSY_SECONDS)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        # What is erased is overwritten, too.
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(tables)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path, last_made: str) -> sqlite3.Connection | None:
    """None while there is no file, or its first writer is about to make it.

    last_made: the table or index that is made last.
    """
    if not path.exists():
        return None
    # Readers of a WAL share memory with its writers, for which they need to write.
    connection = sqlite3.connect(
        file_uri(path, "mode=rw"), timeout=BUSY_SECONDS, isolation_level=None, uri=True
    )
    connection.execute("PRAGMA query_only = ON")
    there = "SELECT 1 FROM sqlite_master WHERE name = ?"
    if connection.execute(there, (last_made,)).fetchone():
        return connection
    connection.close()
    return None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Committed at its end, or as if nothing had been."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield connection


class InWords:
    """What is said of a file of some kind that cannot be read or written."""

    def __init__(self, what: str) -> None:
        """what: such as "The log of events"."""
        self._what = what

    @contextmanager
    def about(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self.of(path, error) from error

    def of(self, path: Path, error: sqlite3.Error | OSError) -> StoreUnavailable:
        return unavailable(self._what, path, error)
