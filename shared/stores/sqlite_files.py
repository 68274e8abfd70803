"""Opening SQLite files, keeping them open for readers, and saying what is wrong with them."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from shared.errors import (
    GenerationDamaged,
    GenerationMissing,
    SettingsError,
    StoreError,
    StoreUnavailable,
)

Result = TypeVar("Result")

OPEN_GENERATIONS_PER_TENANT = 2
FRESH = ".fresh"
"""How a file of lists ends that lie over the generation of its name."""
OF_WAL = ("", "-wal", "-shm")
"""How the files end that SQLite makes of one in WAL mode."""

DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""SQLITE_ERROR is here for the "no such table" of a file that was cut to nothing."""


class Readers:
    """Connections to finished generations, each lent to one thread at a time.

    The files never change, so a connection stays good until its generation is dropped. Each
    tenant's oldest are let go, because an open file keeps its disk space after it is removed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Path, list[sqlite3.Connection]] = {}

    def ask(self, path: Path, question: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `question` makes of a connection. Raises GenerationMissing if there is no file."""
        try:
            with self._lock:
                idle = self._idle.get(path)
                if idle is None:
                    self._make_room(path)
                    idle = self._idle.setdefault(path, [])
                connection = idle.pop() if idle else _open_immutable(path)
            try:
                return question(connection)
            finally:
                self._give_back(path, idle, connection)
        except (sqlite3.Error, OSError) as error:
            raise in_our_words(path, error) from error

    def drop(self, path: Path) -> None:
        """Let go of a generation; connections that are lent now are closed when they come back."""
        with self._lock:
            self._close(path)

    def close(self) -> None:
        with self._lock:
            for path in list(self._idle):
                self._close(path)

    def _make_room(self, path: Path) -> None:
        if not path.exists():
            raise gone(path)
        siblings = [other for other in self._idle if other.parent == path.parent]
        for old in siblings[: 1 - OPEN_GENERATIONS_PER_TENANT]:
            self._close(old)

    def _close(self, path: Path) -> None:
        for connection in self._idle.pop(path, []):
            connection.close()

    def _give_back(
        self, path: Path, idle: list[sqlite3.Connection], connection: sqlite3.Connection
    ) -> None:
        with self._lock:
            if self._idle.get(path) is idle:
                idle.append(connection)
            else:
                connection.close()


def _open_immutable(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            file_uri(path, "mode=ro&immutable=1"), uri=True, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        if path.exists():
            raise
        raise gone(path) from error
    connection.text_factory = bytes
    return connection


def folder_of(url: str) -> Path:
    """Where the store of this URL is. Raises SettingsError."""
    folder = url.removeprefix("sqlite:///")
    if folder == url or not folder or "?" in folder:
        raise SettingsError(
            f"STORE_URL is {url!r}; write sqlite:///FOLDER, for example sqlite:///data/store."
        )
    # POSIX keeps two leading slashes apart from one; SQLite reads them as a host name.
    return Path(re.sub("^/+", "/", folder))


def gone(path: Path) -> GenerationMissing:
    return GenerationMissing(f"The rows of generation {path.stem} are gone: {path}")


def file_uri(path: Path, options: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{options}"


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise the house's errors for those of SQLite and of the file system, about `path`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise in_our_words(path, error) from error


def in_our_words(path: Path, error: sqlite3.Error | OSError) -> StoreError:
    # The code's low byte is its class; the rest says where in SQLite it came from.
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
        return GenerationDamaged(
            f"{path} is damaged ({error}). Roll back to another generation, or run the "
            "generator again; if it is control.sqlite, restore it from a backup, or move it away "
            "and have `python run_generator.py check --adopt` make a new one."
        )
    return unavailable("The SQLite store", path, error)


def unavailable(what: str, path: Path, error: sqlite3.Error | OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"{what} failed at {path}: {error}. Check that STORE_URL names a folder that this user may "
        "write to, and that its disk has room."
    )
