"""Fresh lists in SQLite: FOLDER/TENANT/GENERATION.fresh, beside the rows that they lie over.

The file is in WAL mode: servers go on reading while lists are written.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import msgspec

from shared.errors import LockHeld
from shared.fresh.lists import FreshLists, FreshText, FreshTexts, Made, Progress
from shared.records import Handle, Key, Row
from shared.stores.backend import check_names
from shared.stores.sqlite_changes import Changes
from shared.stores.sqlite_files import FRESH, folder_of
from shared.stores.sqlite_wal import InWords, open_for_reading, open_for_writing, transaction

# A column without a type keeps 999 and '999' apart.
_TABLES = """
CREATE TABLE IF NOT EXISTS lists (
    subject NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL, made_at TEXT NOT NULL,
    number INTEGER NOT NULL, PRIMARY KEY (subject, section)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_number ON lists (number);
CREATE TABLE IF NOT EXISTS progress (
    only INTEGER PRIMARY KEY CHECK (only = 1), cursor INTEGER NOT NULL, made_at TEXT NOT NULL
);
"""
_GET = "SELECT text, made_at FROM lists WHERE subject = ? AND section = ?"
# Of the row that has the maximum SQLite takes the other columns.
_SINCE = "SELECT subject, max(number), made_at FROM lists WHERE number > ? GROUP BY subject"
_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM lists"
_PUT = (
    "INSERT INTO lists VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
    "SET text = excluded.text, made_at = excluded.made_at, number = excluded.number"
)
_NOTE = (
    "INSERT INTO progress VALUES (1, ?, ?) ON CONFLICT DO UPDATE "
    "SET cursor = excluded.cursor, made_at = excluded.made_at"
)
_in_words = InWords("The fresh lists")
_decoded = msgspec.json.Decoder().decode


class SQLiteFreshLists(FreshLists):
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._readers = threading.local()
        self._changes = Changes()

    @classmethod
    def from_url(cls, store_url: str) -> Self:
        return cls(folder_of(store_url))

    @contextmanager
    def lock(self, tenant: str) -> Iterator[None]:
        check_names(tenant)
        path = self._folder / tenant / "refresh.lock"
        with _in_words.about(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockHeld(
                    f"Another process refreshes the lists of tenant {tenant} already; stop it "
                    f"first. ({path} is locked.)"
                ) from None
            yield
        finally:
            os.close(descriptor)

    def progress(self, tenant: str, generation: str) -> Progress | None:
        for row in self._asked(tenant, generation, "SELECT cursor, made_at FROM progress"):
            return Progress(*row)
        return None

    def write(self, tenant: str, generation: str, rows: Iterable[Row], progress: Progress) -> int:
        made_at = progress.made_at
        path = self._path(tenant, generation)
        with self._written(path) as connection:
            (number,) = connection.execute(_NEXT).fetchone()
            values = [(r.subject, r.section, r.to_json().decode(), made_at, number) for r in rows]
            connection.executemany(_PUT, values)
            connection.execute(_NOTE, (progress.cursor, made_at))
        return len(values)

    def get_many(self, tenant: str, generation: str, keys: Sequence[Key]) -> FreshTexts:
        if (reader := self._reader(tenant, generation)) is None:
            return {}
        found = {}
        try:
            for section, subject in keys:
                for row in reader.execute(_GET, (subject, section)):
                    found[section, subject] = FreshText(*row)
        except sqlite3.Error as error:
            raise _in_words.of(self._path(tenant, generation), error) from error
        return found

    def has_any(self, tenant: str, generation: str) -> bool:
        return self._reader(tenant, generation) is not None

    def has_changed(self, tenant: str, generation: str) -> bool:
        if self._reader(tenant, generation) is None:
            return False
        path = self._path(tenant, generation)
        try:
            return self._changes.has_changed(f"{tenant}/{generation}", path)
        except OSError as error:
            raise _in_words.of(path, error) from error

    def made_since(self, tenant: str, generation: str, number: int) -> Mapping[Handle, Made]:
        made = self._asked(tenant, generation, _SINCE, number)
        return {subject: Made(number, at) for subject, number, at in made}

    def size(self, tenant: str, generation: str) -> int:
        counted = self._asked(tenant, generation, "SELECT count(*) FROM lists")
        return sum(int(lists) for (lists,) in counted)

    def forget(self, tenant: str, user: Handle) -> int:
        check_names(tenant)
        removed = 0
        for path in self._files(tenant):
            with self._written(path) as connection:
                every = connection.execute("SELECT subject, section, text FROM lists")
                doomed = [
                    (subject, section)
                    for subject, section, text in every.fetchall()
                    if subject == user or _mentions(_decoded(text), user)
                ]
                connection.executemany(
                    "DELETE FROM lists WHERE subject = ? AND section = ?", doomed
                )
                removed += len(doomed)
        return removed

    def close(self) -> None:
        for tenant, (connection, generation) in self._readers.__dict__.items():
            self._changes.forget(f"{tenant}/{generation}")
            connection.close()
        self._readers.__dict__.clear()

    @contextmanager
    def _written(self, path: Path) -> Iterator[sqlite3.Connection]:
        # A list that a power failure takes is made again: with it goes how far the events were.
        with (
            _in_words.about(path),
            closing(open_for_writing(path, _TABLES, "NORMAL")) as own,
            transaction(own) as connection,
        ):
            yield connection

    def _asked(self, tenant: str, generation: str, query: str, *values: Any) -> list[Any]:
        if (reader := self._reader(tenant, generation)) is None:
            return []
        try:
            return reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _in_words.of(self._path(tenant, generation), error) from error

    def _reader(self, tenant: str, generation: str) -> sqlite3.Connection | None:
        """This thread's connection; None while there are no lists over the generation."""
        # Every lookup comes by here. Of each tenant the generation that is asked about stays open.
        readers: dict[str, tuple[sqlite3.Connection, str]] = self._readers.__dict__
        if tenant in readers:
            connection, of = readers[tenant]
            if of == generation:
                return connection
        path = self._path(tenant, generation)
        with _in_words.about(path):
            own = open_for_reading(path, "progress")
        if own is None:
            return None
        if tenant in readers:
            former, of = readers.pop(tenant)
            former.close()
            self._changes.forget(f"{tenant}/{of}")
        readers[tenant] = own, generation
        return own

    def _files(self, tenant: str) -> list[Path]:
        return sorted((self._folder / tenant).glob(f"*{FRESH}"))

    def _path(self, tenant: str, generation: str) -> Path:
        check_names(tenant, generation)
        return _path_of(self._folder, tenant, generation)


@lru_cache(maxsize=1024)  # making a path takes as long as what it is made for
def _path_of(folder: Path, tenant: str, generation: str) -> Path:
    return folder / tenant / f"{generation}{FRESH}"


def _mentions(value: object, user: Handle) -> bool:
    """Whether it is anywhere in there: among the entries, or the neighbours of a reason."""
    if isinstance(value, list | dict):
        inside = value.values() if isinstance(value, dict) else value
        return any(_mentions(each, user) for each in inside)
    return type(value) is type(user) and value == user
