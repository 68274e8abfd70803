"""Files that are digested while they are read, so that what is loaded is what the digest is of."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import replace

import pyarrow as pa

from generator.load.sources.folders import unreadable
from generator.load.sources.table_files import TableFile
from shared.errors import DataError

CHUNK_BYTES = 2**23
# Formats that are read in any order; they lie in memory meanwhile.
READ_WHOLE = ("parquet", "npz")


class Digesting:
    """A file for pyarrow's PythonFile that digests each byte the first time it comes by."""

    closed = False

    def __init__(self, content: pa.NativeFile) -> None:
        self._content = content
        self._digest = hashlib.sha256()
        self._digested = 0

    def read(self, size: int = -1) -> bytes:
        start = self._content.tell()
        chunk: bytes = self._content.read(None if size < 0 else size)
        if start <= self._digested < start + len(chunk):
            self._digest.update(memoryview(chunk)[self._digested - start :])
            self._digested = start + len(chunk)
        return chunk

    def seek(self, place: int, whence: int = 0) -> int:
        return int(self._content.seek(place, whence))

    def tell(self) -> int:
        return int(self._content.tell())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """The file belongs to whoever opened it."""

    @property
    def is_whole(self) -> bool:
        return self._digested == int(self._content.size())

    def digest(self) -> str:
        """SHA-256 in hexadecimal of the whole file; what nobody has read is read now."""
        self.seek(self._digested)
        while self.read(CHUNK_BYTES):
            pass
        return self._digest.hexdigest()


def digested(
    files: Iterable[TableFile], digests: MutableMapping[str, str], read_on: bool = True
) -> Iterator[TableFile]:
    """The same files, whose digests are in `digests` under their names when the next one comes.

    `read_on`: whether the rest of a file that was not read to its end is read for its digest;
    otherwise it gets none. Raises DataError if that fails.
    """
    for file in files:
        digesting = Digesting(file.content)
        if file.format in READ_WHOLE:
            content: pa.NativeFile = pa.BufferReader(_read(digesting, file.source))
        else:
            content = pa.PythonFile(digesting, mode="r")
        yield replace(file, content=content)
        try:
            if read_on or digesting.is_whole:
                digest = digesting.digest()
                if digests.setdefault(file.name, digest) != digest:
                    raise DataError(f"{file.source} changed while it was read: run again.")
        except OSError as error:
            raise unreadable(file.source, error) from error


def digest_of_all(digests: Mapping[str, str]) -> str:
    """One for all files, of their names and digests."""
    listed = "".join(f"{name}\n{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def _read(digesting: Digesting, source: str) -> bytes:
    try:
        return digesting.read()
    except OSError as error:
        raise unreadable(source, error) from error
