"""Events in SQLite: FOLDER/TENANT/events.db, beside the tenant's lists.

The file is in WAL mode, and a commit is synced before `append` returns. SQLite lets one process
write at a time, so the order of commits is that of the cursors.
"""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from shared.events.event import Event, read_event
from shared.events.log import START, EventLog, Page
from shared.events.together import TogetherByTenant
from shared.records import Handle
from shared.stores.sqlite_changes import Changes
from shared.stores.sqlite_files import folder_of
from shared.stores.sqlite_wal import InWords, open_for_reading, open_for_writing, transaction

# A column without a type keeps 999 and '999' apart.
_TABLES = """
CREATE TABLE IF NOT EXISTS events (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, user NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_user ON events (user, cursor);
"""


_ENDS = "SELECT (SELECT min(cursor) FROM events), (SELECT max(cursor) FROM events)"


_in_words = InWords("The log of events")


class SQLiteEventLog(EventLog):
    reads_are_local = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers = TogetherByTenant[Sequence[Event], list[bool]](self._write)
        self._appending: dict[str, sqlite3.Connection] = {}
        self._readers = threading.local()
        self._changes = Changes()

    @classmethod
    def from_url(cls, store_url: str) -> Self:
        return cls(folder_of(store_url))

    def append(self, tenant: str, events: Sequence[Event]) -> list[bool]:
        return self._writers.put(tenant, events)

    def read_since(self, tenant: str, cursor: int, limit: int) -> Page:
        query = "SELECT cursor, text FROM events WHERE cursor > ? ORDER BY cursor LIMIT ?"
        found = self._asked(tenant, query, cursor, limit)
        last = found[-1][0] if found else cursor
        return Page([read_event(text) for _, text in found], last)

    def has_changed(self, tenant: str) -> bool:
        connections: dict[str, sqlite3.Connection] = self._readers.__dict__
        # Asked for what is there already, it is opened, and stays so.
        if tenant not in connections and not self._asked(tenant, "SELECT 1"):
            return False
        try:
            return self._changes.has_changed(tenant, self._path(tenant))
        except OSError as error:
            raise _in_words.of(self._path(tenant), error) from error

    def users_since(self, tenant: str, cursor: int) -> tuple[Sequence[Handle], int]:
        # The end first: whoever comes in between is found again the next time.
        last = self.last_cursor(tenant)
        query = "SELECT DISTINCT user FROM events WHERE cursor > ?"
        return [user for (user,) in self._asked(tenant, query, cursor)], last

    def of_user(self, tenant: str, user: Handle, limit: int) -> list[Event]:
        query = "SELECT text FROM events WHERE user = ? ORDER BY cursor DESC LIMIT ?"
        return [read_event(text) for (text,) in self._asked(tenant, query, user, limit)]

    def size(self, tenant: str) -> int:
        # Counting them would read them all, and so would both ends without a SELECT for each; only
        # `forget` leaves gaps.
        ends = self._asked(tenant, _ENDS)
        return ends[0][1] - ends[0][0] + 1 if ends and ends[0][0] is not None else 0

    def last_cursor(self, tenant: str) -> int:
        # What SQLite has counted to is beyond it where an event came again.
        counted = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"
        for query in ("SELECT max(cursor) FROM events", counted):
            for (cursor,) in self._asked(tenant, query):
                if cursor is not None:
                    return int(cursor)
        return START

    def erasures(self, tenant: str) -> int:
        return sum(number for (number,) in self._asked(tenant, "PRAGMA user_version"))

    def drop_through(self, tenant: str, cursor: int) -> int:
        return self._deleted(tenant, "DELETE FROM events WHERE cursor <= ?", cursor)

    def forget(self, tenant: str, user: Handle) -> int:
        return self._deleted(tenant, "DELETE FROM events WHERE user = ?", user)

    def close(self) -> None:
        for connection in self._appending.values():
            connection.close()
        self._appending.clear()

    def _write(self, tenant: str, parts: Sequence[Sequence[Event]]) -> list[list[bool]]:
        path = self._path(tenant)
        with _in_words.about(path):
            if tenant not in self._appending:
                self._appending[tenant] = open_for_writing(path, _TABLES, "FULL")
            try:
                with transaction(self._appending[tenant]) as connection:
                    return [[_insert(connection, event) for event in part] for part in parts]
            except BaseException:
                # After an error of the disk a connection may stay unusable.
                self._appending.pop(tenant).close()
                raise

    def _deleted(self, tenant: str, query: str, value: Any) -> int:
        path = self._path(tenant)
        if not path.exists():
            return 0
        with (
            _in_words.about(path),
            closing(open_for_writing(path, _TABLES, "FULL")) as own,
            transaction(own) as connection,
        ):
            erased = connection.execute(query, (value,)).rowcount
            (erasures,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {erasures + 1}")
            return erased

    def _asked(self, tenant: str, query: str, *values: Any) -> list[Any]:
        """Rows; none while there is no log."""
        # Every lookup comes by here: a context and a path would take as long as the query.
        connections: dict[str, sqlite3.Connection] = self._readers.__dict__
        try:
            if tenant not in connections:
                if (reader := open_for_reading(self._path(tenant), "by_user")) is None:
                    return []
                connections[tenant] = reader
            return connections[tenant].execute(query, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise _in_words.of(self._path(tenant), error) from error

    def _path(self, tenant: str) -> Path:
        return _path_of(self._folder, tenant)


@lru_cache(maxsize=1024)  # making a path takes as long as what it is made for
def _path_of(folder: Path, tenant: str) -> Path:
    return folder / tenant / "events.db"


def _insert(connection: sqlite3.Connection, event: Event) -> bool:
    """Whether it is new."""
    query = "INSERT OR IGNORE INTO events (event_id, user, text) VALUES (?, ?, ?)"
    values = (event.event_id, event.user, event.to_json())
    return connection.execute(query, values).rowcount == 1
