"""Rows in SQLite: one immutable file per generation, and a small control file.

    FOLDER/control.sqlite                  records: state and manifests of every tenant
    FOLDER/reserve                         room for changes of these on a full disk
    FOLDER/manifests/TENANT/...            copies of the manifests, to make them anew of
    FOLDER/TENANT/GENERATION.sqlite        the rows of a finished generation
    FOLDER/TENANT/GENERATION.building      the same while it is written
    FOLDER/TENANT/GENERATION.fresh         lists over them, of shared.fresh

A finished file never changes, so readers open it `immutable`: no locks, no journal, no stat calls.
"""

import hashlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from shared.errors import Conflict, GenerationDamaged, GenerationMissing
from shared.records import Key, Section, Text
from shared.stores.backend import StoredRow, is_generation, written_twice
from shared.stores.base import Store
from shared.stores.sqlite_copies import ManifestCopies
from shared.stores.sqlite_files import (
    FRESH,
    OF_WAL,
    Readers,
    file_uri,
    folder_of,
    gone,
    translated,
)
from shared.stores.sqlite_reserve import give_up_reserve, is_full, keep_reserve

Result = TypeVar("Result")

BUSY_SECONDS = 30

# A column without a type keeps 999 and '999' apart.
_ROWS = """
CREATE TABLE sections (section_index INTEGER PRIMARY KEY, section TEXT NOT NULL UNIQUE);
CREATE TABLE rows (subject NOT NULL, section_index INTEGER NOT NULL, row TEXT NOT NULL);
"""
_GET_ROW = (
    "SELECT row FROM rows WHERE subject = ? AND section_index = "
    "(SELECT section_index FROM sections WHERE section = ?)"
)
_RECORDS = """
CREATE TABLE IF NOT EXISTS records (
    tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID
"""


class SQLiteStore(Store):
    reads_are_local: ClassVar[bool] = True
    checks_its_own_storage: ClassVar[bool] = False

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._building: dict[Path, sqlite3.Connection] = {}
        self._write_lock = threading.RLock()
        self._readers = Readers()
        self._copies = ManifestCopies(folder)

    @classmethod
    def from_url(cls, url: str) -> Self:
        return cls(folder_of(url))

    def close(self) -> None:
        with self._write_lock:
            for connection in self._building.values():
                connection.close()
            self._building.clear()
        self._readers.close()

    # Rows of a generation

    def _create_rows(self, tenant: str, generation: str) -> None:
        building = self._building_path(tenant, generation)
        with translated(building):
            building.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(building)) as connection:
                connection.executescript(_ROWS)

    def _put_rows(self, tenant: str, generation: str, rows: Sequence[StoredRow]) -> None:
        with self._builder(tenant, generation) as connection, connection:
            connection.executemany(
                "INSERT OR IGNORE INTO sections (section) VALUES (?)",
                [(section,) for section in sorted({section for (section, _), _ in rows})],
            )
            index = _section_index(connection)
            connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?)",
                [(subject, index[section], text.decode()) for (section, subject), text in rows],
            )

    def _seal_rows(self, tenant: str, generation: str) -> None:
        building, finished = self._building_path(tenant, generation), self._path(tenant, generation)
        if finished.exists() and not building.exists():
            return
        with self._builder(tenant, generation) as connection:
            try:
                connection.execute(
                    "CREATE UNIQUE INDEX IF NOT EXISTS by_subject ON rows (subject, section_index)"
                )
            except sqlite3.IntegrityError as error:
                raise GenerationDamaged(written_twice(generation)) from error
            connection.close()
            del self._building[building]
            _sync(building)
            building.rename(finished)
            _sync(finished.parent)

    def _keep_sections(self, tenant: str, generation: str, sections: Sequence[Section]) -> None:
        """A finished file is not opened again: it must hold nothing but these sections."""
        building, finished = self._building_path(tenant, generation), self._path(tenant, generation)
        if finished.exists() and not building.exists():
            if more := sorted(self._count_rows(tenant, generation).keys() - set(sections)):
                raise GenerationDamaged(
                    f"Generation {generation} cannot be continued: it is closed, with {more} in it."
                )
            return
        with self._builder(tenant, generation) as connection, connection:
            if (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise GenerationDamaged(f"Generation {generation} cannot be continued: {verdict}.")
            for section, index in _section_index(connection).items():
                if section not in sections:
                    connection.execute("DELETE FROM rows WHERE section_index = ?", (index,))

    def _checksum_rows(self, tenant: str, generation: str) -> str | None:
        path = self._path(tenant, generation)
        with translated(path):
            try:
                with path.open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError as error:
                raise gone(path) from error

    def _size_bytes(self, tenant: str, generation: str) -> int | None:
        for path in (self._path(tenant, generation), self._building_path(tenant, generation)):
            if path.exists():
                return path.stat().st_size
        return None

    def _count_rows(self, tenant: str, generation: str) -> dict[Section, int]:
        def count(connection: sqlite3.Connection) -> dict[Section, int]:
            counted = connection.execute(
                "SELECT section, count(*) FROM rows JOIN sections USING (section_index) "
                "GROUP BY section"
            )
            return {section.decode(): rows for section, rows in counted}

        return self._readers.ask(self._path(tenant, generation), count)

    def _get_rows(self, tenant: str, generation: str, keys: Sequence[Key]) -> Mapping[Key, Text]:
        def find(connection: sqlite3.Connection) -> dict[Key, Text]:
            texts = {}
            for section, subject in keys:
                row = connection.execute(_GET_ROW, (subject, section)).fetchone()
                if row is not None:
                    texts[section, subject] = row[0]
            return texts

        return self._readers.ask(self._path(tenant, generation), find)

    def _drop_rows(self, tenant: str, generation: str) -> None:
        building, finished = self._building_path(tenant, generation), self._path(tenant, generation)
        with self._write_lock, translated(building):
            if connection := self._building.pop(building, None):
                connection.close()
            self._readers.drop(finished)
            fresh = finished.with_suffix(FRESH)
            beside = [building.with_name(building.name + "-journal")]
            beside += [fresh.with_name(fresh.name + end) for end in OF_WAL]
            for path in (finished, building, *beside):
                path.unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        folder = next(f for f in (self._folder, *self._folder.absolute().parents) if f.exists())
        with translated(folder):
            return shutil.disk_usage(folder).free

    def _stored(self, tenant: str) -> list[str]:
        with translated(self._folder / tenant):
            files = [*(self._folder / tenant).glob("*.sqlite")]
            return sorted({file.stem for file in files if is_generation(file.stem)})

    def _path(self, tenant: str, generation: str) -> Path:
        return _finished_path(self._folder, tenant, generation)

    def _building_path(self, tenant: str, generation: str) -> Path:
        return self._folder / tenant / f"{generation}.building"

    @contextmanager
    def _builder(self, tenant: str, generation: str) -> Iterator[sqlite3.Connection]:
        """The one writing connection of a generation, for one thread at a time."""
        path = self._building_path(tenant, generation)
        with self._write_lock, translated(path):
            if path not in self._building:
                if not path.exists():
                    raise GenerationMissing(f"Generation {generation} is not being built: {path}")
                self._building[path] = _open_for_building(path)
            yield self._building[path]

    # Records

    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None:
        def read(connection: sqlite3.Connection) -> tuple[str, int] | None:
            query = "SELECT text, version FROM records WHERE tenant = ? AND name = ?"
            row: tuple[str, int] | None = connection.execute(query, (tenant, name)).fetchone()
            return row

        return self._read_control(read)

    def _list_records(self, tenant: str, prefix: str) -> list[tuple[str, bytes | str]]:
        def read(connection: sqlite3.Connection) -> list[tuple[str, bytes | str]]:
            query = (
                "SELECT name, text FROM records WHERE tenant = ? AND substr(name, 1, ?) = ? "
                "ORDER BY name"
            )
            return connection.execute(query, (tenant, len(prefix), prefix)).fetchall()

        return self._read_control(read) or []

    def _put_record(self, tenant: str, name: str, text: bytes) -> None:
        self._change_control(
            "INSERT INTO records VALUES (:tenant, :name, 1, :text) ON CONFLICT DO UPDATE "
            "SET text = excluded.text, version = version + 1",
            {"tenant": tenant, "name": name, "text": text.decode()},
        )
        self._copies.put(tenant, name, text)

    def _swap_record(self, tenant: str, name: str, text: bytes, version: int) -> None:
        if version == 0:
            query = "INSERT OR IGNORE INTO records VALUES (:tenant, :name, 1, :text)"
        else:
            query = (
                "UPDATE records SET text = :text, version = version + 1 "
                "WHERE tenant = :tenant AND name = :name AND version = :version"
            )
        values = {"tenant": tenant, "name": name, "text": text.decode(), "version": version}
        if self._change_control(query, values) != 1:
            raise Conflict(f"The record {name} of tenant {tenant} was changed by another.")
        self._copies.put(tenant, name, text)

    def _delete_record(self, tenant: str, name: str) -> None:
        query = "DELETE FROM records WHERE tenant = :tenant AND name = :name"
        self._change_control(query, {"tenant": tenant, "name": name})
        self._copies.remove(tenant, name)

    def _copied_records(self, tenant: str) -> Mapping[str, bytes]:
        return self._copies.read(tenant)

    @property
    def _control_path(self) -> Path:
        return self._folder / "control.sqlite"

    def _read_control(self, read: Callable[[sqlite3.Connection], Result]) -> Result | None:
        with translated(self._control_path):
            # Empty: another process is just creating it.
            if not self._control_path.exists() or self._control_path.stat().st_size == 0:
                return None
            # Not mode=ro: after a writer was killed, only who may write can undo its half change.
            uri = file_uri(self._control_path, "mode=rw")
            with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
                return read(connection)

    def _change_control(self, query: str, values: dict[str, object]) -> int:
        """How many records were changed. On a full disk the reserve makes room, once."""
        with translated(self._control_path):
            try:
                changed = self._changed(query, values)
            except (sqlite3.Error, OSError) as error:
                if not is_full(error) or not give_up_reserve(self._folder):
                    raise
                changed = self._changed(query, values)
        keep_reserve(self._folder)
        return changed

    def _changed(self, query: str, values: dict[str, object]) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._control_path, timeout=BUSY_SECONDS)
        with closing(connection), connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_RECORDS)
            connection.execute("BEGIN IMMEDIATE")
            return connection.execute(query, values).rowcount


@lru_cache(maxsize=256)  # making a path takes as long as reading a row
def _finished_path(folder: Path, tenant: str, generation: str) -> Path:
    return folder / tenant / f"{generation}.sqlite"


def _open_for_building(path: Path) -> sqlite3.Connection:
    """Raises GenerationDamaged if a process that has not ended still writes into the file."""
    connection = sqlite3.connect(
        file_uri(path, "mode=rw"), uri=True, timeout=0, check_same_thread=False
    )
    try:
        # Nobody reads the file before it is sealed, and sealing syncs it once.
        connection.execute("PRAGMA synchronous = OFF")
        # The lock is the system's: it ends with the process, not with a lease.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.commit()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise GenerationDamaged(
            f"Generation {path.stem} cannot be continued: the run that began it still has it open."
        ) from error
    return connection


def _section_index(connection: sqlite3.Connection) -> dict[Section, int]:
    return dict(connection.execute("SELECT section, section_index FROM sections").fetchall())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
