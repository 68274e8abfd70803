"""Files in a zip archive, as a folder."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import pyarrow as pa

from generator.load.sources.folders import CHUNK_BYTES, DAMAGED_FILE, unreadable
from shared.errors import DataError

DAMAGED = (*DAMAGED_FILE, zipfile.BadZipFile, NotImplementedError)


class ZipFolder:
    """A file is unpacked whole, to a temporary file; what stands alone in a folder is here."""

    def __init__(self, content: pa.NativeFile, label: str) -> None:
        self.label = label
        try:
            self._archive = zipfile.ZipFile(cast(IO[bytes], content))
        except DAMAGED as error:
            raise DataError(f"{label} is not readable as a zip archive ({error}).") from error
        members = [info.filename for info in self._archive.infolist() if not info.is_dir()]
        # What macOS adds beside each file.
        members = [name for name in members if not name.startswith("__MACOSX/")]
        tops = {name.partition("/")[0] for name in members}
        self._top = f"{tops.pop()}/" if len(tops) == 1 and all("/" in m for m in members) else ""
        self._files = sorted(name.removeprefix(self._top) for name in members)

    @contextmanager
    def open(self, name: str, at_most: int | None = None) -> Iterator[pa.NativeFile | None]:
        if name not in self._files:
            yield None
            return
        with tempfile.TemporaryFile() as copy:
            self._unpack(name, copy, at_most)
            copy.seek(0)
            yield pa.PythonFile(copy, mode="r")

    def names(self) -> list[str]:
        return sorted({name.partition("/")[0] for name in self._files})

    def files(self) -> list[str]:
        return self._files

    def _unpack(self, name: str, copy: IO[bytes], at_most: int | None) -> None:
        try:
            with self._archive.open(self._top + name) as packed:
                if at_most is None:
                    shutil.copyfileobj(packed, copy, CHUNK_BYTES)
                else:
                    copy.write(packed.read(at_most))
        except RuntimeError as error:
            raise DataError(f"{self.label}/{name} is encrypted: unpack it first.") from error
        except DAMAGED as error:
            raise unreadable(f"{self.label}/{name}", error) from error
