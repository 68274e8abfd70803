"""Vectors that were made once, by the digest of what they were made of.

One SQLite file for all encoders, texts, pictures and tenants: a key is the SHA-256 of an encoder's
digest and a content, and so says nothing of either, and nobody can be told another's vectors who
does not have the content.
"""

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.wal import switch_to_wal

FILE = "vectors-1.sqlite"
"""The number is the version of what is in it."""
SCHEMA = """
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS vectors
        (key BLOB PRIMARY KEY, day INTEGER, check_sum INTEGER, vector BLOB);
    CREATE INDEX IF NOT EXISTS by_day ON vectors (day);
"""
KEYS_PER_QUESTION = 500
BUSY_SECONDS = 30
DAYS_BETWEEN_NOTES = 7
"""How exactly it is noted when a vector was last of use."""
SECONDS_PER_DAY = 86_400
SHARE_KEPT = 0.9
"""Of the limit, once it is exceeded."""

Say = Callable[[str], None]


def key_of(encoder_digest: str, content: bytes) -> bytes:
    return hashlib.sha256(encoder_digest.encode() + b"\0" + content).digest()


class VectorCache:
    """Never a reason for a run to fail: what cannot be read is made again, with a sentence."""

    def __init__(self, folder: Path | None, max_bytes: int, say: Say = lambda text: None) -> None:
        """folder: None keeps nothing. max_bytes: of the file; what was of use longest ago goes."""
        self._path = None if folder is None else folder / FILE
        self._max_bytes, self._say = max_bytes, say
        self._connection = self._opened()

    def vectors(
        self,
        keys: Sequence[bytes],
        size: int,
        make: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """float32 [keys, size]: what is kept, and what `make` makes of the places of the others.

        Equal keys are made once. What was made is kept before this returns.
        """
        vectors = np.zeros((len(keys), size), np.float32)
        place_of = {key: place for place, key in reversed(list(enumerate(keys)))}
        known = self._kept(list(place_of), size)
        for key, vector in known.items():
            vectors[place_of[key]] = vector
        missing = [place for key, place in place_of.items() if key not in known]
        if missing:
            places = np.array(sorted(missing), np.int64)
            vectors[places] = make(places)
            self._keep([keys[place] for place in places], vectors[places])
        return vectors[[place_of[key] for key in keys]]

    def close(self) -> None:
        """Let what is beyond the limit go, and the file."""
        self._guarded(self._trim)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        try:
            return _connected(self._path)
        except (sqlite3.OperationalError, OSError) as error:
            self._go_without(error)
        except sqlite3.DatabaseError as error:
            return self._made_anew(error)
        return None

    def _kept(self, keys: Sequence[bytes], size: int) -> dict[bytes, NDArray[np.float32]]:
        kept: dict[bytes, NDArray[np.float32]] = {}
        today = int(time.time()) // SECONDS_PER_DAY

        def read(connection: sqlite3.Connection) -> None:
            for asked in _in_parts(keys):
                marks = ",".join("?" * len(asked))
                rows = connection.execute(
                    f"SELECT key, check_sum, vector FROM vectors WHERE key IN ({marks})",  # noqa: S608
                    asked,
                )
                kept.update(
                    (key, np.frombuffer(vector, "<f4"))
                    for key, check_sum, vector in rows
                    if len(vector) == 4 * size and zlib.crc32(vector) == check_sum
                )
                connection.execute(
                    f"UPDATE vectors SET day = ? WHERE key IN ({marks}) AND day < ?",  # noqa: S608
                    [today, *asked, today - DAYS_BETWEEN_NOTES],
                )
            connection.commit()

        self._guarded(read)
        return kept

    def _keep(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        today = int(time.time()) // SECONDS_PER_DAY
        blobs = [vector.astype("<f4").tobytes() for vector in vectors]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                    ((k, today, zlib.crc32(b), b) for k, b in zip(keys, blobs, strict=True)),
                )

        self._guarded(write)

    def _trim(self, connection: sqlite3.Connection) -> None:
        # More than once: pages that are left half empty are not given back.
        while (taken := _taken_bytes(connection)) > self._max_bytes:
            (rows,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
            if not rows:
                return
            gone = int(np.ceil(rows * (1 - SHARE_KEPT * self._max_bytes / taken)))
            with connection:
                connection.execute(
                    "DELETE FROM vectors WHERE key IN "
                    "(SELECT key FROM vectors ORDER BY day LIMIT ?)",
                    [gone],
                )
            connection.executescript("PRAGMA incremental_vacuum")

    def _guarded(self, work: Callable[[sqlite3.Connection], None]) -> None:
        if self._connection is None:
            return
        try:
            work(self._connection)
        except sqlite3.OperationalError as error:
            self._connection.close()
            self._connection = None
            self._go_without(error)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            self._connection = self._made_anew(error)

    def _go_without(self, error: Exception) -> None:
        self._say(f"{self._path} cannot be used ({error}): vectors are made without it.")

    def _made_anew(self, error: Exception) -> sqlite3.Connection | None:
        """A new file in the place of a damaged one."""
        if self._path is None:
            return None
        self._say(f"{self._path} was damaged ({error}): it is made anew, and its vectors again.")
        try:
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(FILE + ending).unlink(missing_ok=True)
            return _connected(self._path)
        except (sqlite3.Error, OSError) as again:
            self._go_without(again)
        return None


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        # Before the file is anything else, or it stays as it is.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        switch_to_wal(connection, BUSY_SECONDS)
        connection.executescript(SCHEMA)
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return connection


def _taken_bytes(connection: sqlite3.Connection) -> int:
    pages, free, page_bytes = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * page_bytes


def _in_parts(keys: Sequence[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), KEYS_PER_QUESTION):
        yield list(keys[start : start + KEYS_PER_QUESTION])
