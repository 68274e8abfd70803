"""SQLite's write-ahead log: a file that one process writes while others read it."""

import sqlite3

from shared.backoff import Pauses


def switch_to_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Also while others do so: of all statements, this one fails at once where it should wait."""
    pauses = Pauses(busy_seconds, longest_pause_seconds=0.1)
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not pauses.pause():
                raise
