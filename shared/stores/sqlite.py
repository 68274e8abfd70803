"""Lists in SQLite: one immutable file per generation, and a small control file.

    FOLDER/control.sqlite                  records: state and manifests of every tenant
    FOLDER/TENANT/GENERATION.sqlite        the lists of a finished generation
    FOLDER/TENANT/GENERATION.building      the same while it is written

A finished file never changes, so readers open it `immutable`: no locks, no journal, no stat calls.
"""

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import quote

from shared.errors import (
    Conflict,
    GenerationDamaged,
    GenerationMissing,
    SettingsError,
    StoreUnavailable,
)
from shared.records import Handle
from shared.stores.base import Row, Store

Result = TypeVar("Result")

BUSY_SECONDS = 30
OPEN_GENERATIONS_PER_THREAD = 2

# A column without a type keeps 999 and '999' apart.
_LISTS = """
CREATE TABLE models (model_index INTEGER PRIMARY KEY, model_handle TEXT NOT NULL UNIQUE);
CREATE TABLE lists (user_handle NOT NULL, model_index INTEGER NOT NULL, lists TEXT NOT NULL);
"""
_RECORDS = """
CREATE TABLE IF NOT EXISTS records (
    tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID
"""


class SQLiteStore(Store):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._building: dict[tuple[str, str], sqlite3.Connection] = {}
        self._readers = threading.local()

    @classmethod
    def from_url(cls, url: str) -> Self:
        folder = url.removeprefix("sqlite:///")
        if folder == url or not folder or "?" in folder:
            raise SettingsError(
                f"STORE_URL is {url!r}; write sqlite:///FOLDER, for example sqlite:///data/store."
            )
        # POSIX keeps two leading slashes apart from one; SQLite reads them as a host name.
        return cls(Path(re.sub("^/+", "/", folder)))

    def close(self) -> None:
        for connection in [*self._building.values(), *self._open_readers().values()]:
            connection.close()
        self._building.clear()
        self._readers = threading.local()

    # Lists of a generation

    def _create_lists(self, tenant: str, generation: str) -> None:
        self._builder(tenant, generation)

    def _put_rows(self, tenant: str, generation: str, rows: Sequence[Row]) -> None:
        connection = self._builder(tenant, generation)
        with _translated(), connection:
            handles = {model_handle for _, model_handle, _ in rows}
            connection.executemany(
                "INSERT OR IGNORE INTO models (model_handle) VALUES (?)",
                [(handle,) for handle in sorted(handles)],
            )
            index = _model_index(connection)
            connection.executemany(
                "INSERT INTO lists VALUES (?, ?, ?)",
                [(user, index[model], text.decode()) for user, model, text in rows],
            )

    def _seal_lists(self, tenant: str, generation: str) -> None:
        connection = self._builder(tenant, generation)
        try:
            with _translated(), connection:
                connection.execute("CREATE UNIQUE INDEX by_user ON lists (user_handle, model_index)")
        except Conflict as error:
            raise GenerationDamaged(
                f"Generation {generation} has two lists for one user and model; "
                "it was not published."
            ) from error
        connection.close()
        del self._building[tenant, generation]
        building, finished = self._building_path(tenant, generation), self._path(tenant, generation)
        _sync(building)
        building.rename(finished)
        _sync(finished.parent)

    def _count_lists(self, tenant: str, generation: str) -> dict[str, int]:
        with _translated():
            rows = self._reader(tenant, generation).execute(
                "SELECT model_handle, count(*) FROM lists JOIN models USING (model_index) GROUP BY 1"
            )
            return {model.decode(): count for model, count in rows}

    def _get_rows(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> Mapping[Handle, bytes | str]:
        connection = self._reader(tenant, generation)
        found = {}
        with _translated():
            for handle in user_handles:
                row = connection.execute(
                    "SELECT lists FROM lists WHERE user_handle = ? AND model_index = "
                    "(SELECT model_index FROM models WHERE model_handle = ?)",
                    (handle, model_handle),
                ).fetchone()
                if row is not None:
                    found[handle] = row[0]
        return found

    def _drop_lists(self, tenant: str, generation: str) -> None:
        if connection := self._building.pop((tenant, generation), None):
            connection.close()
        building = self._building_path(tenant, generation)
        for path in (self._path(tenant, generation), building, _journal(building)):
            path.unlink(missing_ok=True)

    def _path(self, tenant: str, generation: str) -> Path:
        return self._folder / tenant / f"{generation}.sqlite"

    def _building_path(self, tenant: str, generation: str) -> Path:
        return self._folder / tenant / f"{generation}.building"

    def _builder(self, tenant: str, generation: str) -> sqlite3.Connection:
        if (tenant, generation) not in self._building:
            path = self._building_path(tenant, generation)
            with _translated():
                path.parent.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(path, check_same_thread=False)
                # Nobody reads the file before it is sealed, and sealing syncs it once.
                connection.executescript("PRAGMA synchronous = OFF;" + _LISTS)
            self._building[tenant, generation] = connection
        return self._building[tenant, generation]

    def _reader(self, tenant: str, generation: str) -> sqlite3.Connection:
        readers = self._open_readers()
        key = tenant, generation
        if key not in readers:
            path = self._path(tenant, generation)
            if not path.exists():
                raise GenerationMissing(f"The lists of generation {generation} are gone: {path}")
            while len(readers) >= OPEN_GENERATIONS_PER_THREAD:
                readers.pop(next(iter(readers))).close()
            with _translated():
                readers[key] = sqlite3.connect(_uri(path, "mode=ro&immutable=1"), uri=True)
            readers[key].text_factory = bytes
        return readers[key]

    def _open_readers(self) -> dict[tuple[str, str], sqlite3.Connection]:
        if not hasattr(self._readers, "connections"):
            self._readers.connections = {}
        connections: dict[tuple[str, str], sqlite3.Connection] = self._readers.connections
        return connections

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
        with self._writable_control() as connection:
            connection.execute(
                "INSERT INTO records VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE "
                "SET text = excluded.text, version = version + 1",
                (tenant, name, text.decode()),
            )

    def _swap_record(self, tenant: str, name: str, text: bytes, version: int) -> None:
        with self._writable_control() as connection:
            if version == 0:
                query = "INSERT OR IGNORE INTO records VALUES (:tenant, :name, 1, :text)"
            else:
                query = (
                    "UPDATE records SET text = :text, version = version + 1 "
                    "WHERE tenant = :tenant AND name = :name AND version = :version"
                )
            values = {"tenant": tenant, "name": name, "text": text.decode(), "version": version}
            if connection.execute(query, values).rowcount != 1:
                raise Conflict(f"The record {name} of tenant {tenant} was changed by another.")

    def _delete_record(self, tenant: str, name: str) -> None:
        with self._writable_control() as connection:
            connection.execute("DELETE FROM records WHERE tenant = ? AND name = ?", (tenant, name))

    @property
    def _control_path(self) -> Path:
        return self._folder / "control.sqlite"

    def _read_control(self, read: Callable[[sqlite3.Connection], Result]) -> Result | None:
        if not self._control_path.exists():
            return None
        with _translated(), closing(
            sqlite3.connect(_uri(self._control_path, "mode=ro"), uri=True, timeout=BUSY_SECONDS)
        ) as connection:
            return read(connection)

    @contextmanager
    def _writable_control(self) -> Iterator[sqlite3.Connection]:
        with _translated():
            self._folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._control_path, timeout=BUSY_SECONDS)
            with closing(connection), connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_RECORDS)
                connection.execute("BEGIN IMMEDIATE")
                yield connection


def _model_index(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT model_handle, model_index FROM models").fetchall())


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(f"SQLite refused a row: {error}") from error
    except (sqlite3.OperationalError, OSError) as error:
        raise StoreUnavailable(
            f"The SQLite store failed: {error}. Check that STORE_URL names a folder that this user "
            "may write to, and that its disk has room."
        ) from error
    except sqlite3.DatabaseError as error:
        raise GenerationDamaged(
            f"A file of the SQLite store is damaged ({error}). Roll back to another generation, "
            "or run the generator again."
        ) from error


def _uri(path: Path, options: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{options}"


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
