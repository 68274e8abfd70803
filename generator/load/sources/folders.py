"""Where table files are kept: a folder of this machine, an object store, or a web server."""

import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import urlopen

import pyarrow as pa
from pyarrow import fs

from generator.load.sources.formats import how_to_say_it
from shared.errors import DataError
from shared.settings import as_written

HTTP_TIMEOUT_SECONDS = 30
ABSENT = (404, 410)
UNREADABLE = (OSError, pa.ArrowException)
# What reading and decompressing may raise.
DAMAGED_FILE = (OSError, EOFError, zlib.error, pa.ArrowException)
CHUNK_BYTES = 2**20


class Folder(Protocol):
    label: str
    """The folder as a reader may see it: no credentials, no query."""

    def open(
        self, name: str, at_most: int | None = None
    ) -> AbstractContextManager[pa.NativeFile | None]:
        """The file, seekable; None if there is none of that name.

        at_most: no more bytes of it are wanted, and what must be brought from elsewhere ends there.
        Raises DataError if it cannot be read.
        """

    def names(self) -> list[str]:
        """Files and folders in here, as far as they can be listed."""

    def files(self) -> list[str]:
        """Every file in here and below, as a path from here; none where they cannot be listed."""


def open_folder(url: str) -> Folder:
    """Raises DataError if the URL cannot be understood, or names no folder."""
    try:
        label, scheme = label_of(url), urlsplit(url).scheme if "://" in url else ""
    except ValueError as error:
        raise DataError(f"DATA_URL cannot be understood: {error}.") from None
    if scheme in ("http", "https"):
        return WebFolder(url)
    if not scheme:
        path = str(Path(url).expanduser().resolve())
        return FilesystemFolder(fs.LocalFileSystem(), path, label)
    # pyarrow knows Azure by its driver's name alone.
    spelled = f"abfss{url.removeprefix('az')}" if scheme == "az" else url
    try:
        filesystem, path = fs.FileSystem.from_uri(spelled)
    except pa.ArrowException:
        path = ""
    except OSError as error:
        raise unreadable(label, error) from error
    if path:
        return FilesystemFolder(filesystem, path, label)
    raise DataError(
        f"The data folder {label} cannot be understood: give a path, or file:///, s3://, gs://, "
        "az:// or https:// followed by a place, with %20 for a blank."
    )


def label_of(url: str) -> str:
    """The URL without what might open it, user, password and query; a path as settings have it."""
    if "://" not in url:
        return as_written(url)
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class FilesystemFolder:
    """A folder of anything that pyarrow calls a file system."""

    def __init__(self, filesystem: fs.FileSystem, path: str, label: str) -> None:
        self.label = label.rstrip("/") or label
        self._filesystem = filesystem
        self._path = path
        match self._type_of(path):
            case fs.FileType.NotFound:
                raise DataError(f"There is no folder {self.label}: DATA_URL must name one.")
            case fs.FileType.File:
                raise DataError(
                    f"{self.label} is a file whose name does not say what it is: {how_to_say_it()}"
                )

    @contextmanager
    def open(self, name: str, at_most: int | None = None) -> Iterator[pa.NativeFile | None]:
        path = f"{self._path}/{name}"
        match self._type_of(path):
            case fs.FileType.NotFound:
                yield None
                return
            case fs.FileType.Directory:
                raise DataError(f"{self.label}/{name} is a folder, where a file was expected.")
        try:
            file = self._filesystem.open_input_file(path)
        except UNREADABLE as error:
            raise unreadable(f"{self.label}/{name}", error) from error
        with file:
            yield file

    def names(self) -> list[str]:
        try:
            found = self._filesystem.get_file_info(fs.FileSelector(self._path))
        except UNREADABLE as error:
            raise unreadable(self.label, error) from error
        return sorted(info.base_name for info in found)

    def files(self) -> list[str]:
        try:
            below = self._filesystem.get_file_info(fs.FileSelector(self._path, recursive=True))
        except UNREADABLE as error:
            raise unreadable(self.label, error) from error
        start = len(self._path.rstrip("/")) + 1
        return sorted(info.path[start:] for info in below if info.type == fs.FileType.File)

    def holds_file(self, name: str) -> bool:
        return bool(self._type_of(f"{self._path}/{name}") == fs.FileType.File)

    def _type_of(self, path: str) -> fs.FileType:
        try:
            return self._filesystem.get_file_info(path).type
        except UNREADABLE as error:
            raise unreadable(self.label, error) from error


class WebFolder:
    """Files below one http(s) address. A file is downloaded, whole if it may be, and then read."""

    def __init__(self, url: str) -> None:
        self.label = label_of(url).rstrip("/")
        self._parts = urlsplit(url)

    @contextmanager
    def open(self, name: str, at_most: int | None = None) -> Iterator[pa.NativeFile | None]:
        with tempfile.TemporaryFile() as copy:
            found = self._download(name, copy, at_most)
            copy.seek(0)
            yield pa.PythonFile(copy, mode="r") if found else None

    def _download(self, name: str, copy: IO[bytes], at_most: int | None) -> bool:
        path = f"{self._parts.path.rstrip('/')}/{quote(name)}"
        address = urlunsplit(self._parts._replace(path=path, fragment=""))
        try:
            # open_folder lets only http and https come here.
            with urlopen(address, timeout=HTTP_TIMEOUT_SECONDS) as response:  # noqa: S310
                if at_most is not None:
                    copy.write(response.read(at_most))
                    return True
                shutil.copyfileobj(response, copy, CHUNK_BYTES)
                promised = response.headers.get("Content-Length")
        except HTTPError as error:
            with error:
                if error.code in ABSENT:
                    return False
                raise unreadable(f"{self.label}/{name}", error) from error
        except (OSError, HTTPException) as error:
            raise unreadable(f"{self.label}/{name}", error) from error
        if promised is not None and copy.tell() != int(promised):
            raise DataError(
                f"{self.label}/{name} broke off after {copy.tell()} of {promised} bytes: run again."
            )
        return True

    def names(self) -> list[str]:
        return []

    def files(self) -> list[str]:
        return []


def unreadable(source: str, error: Exception) -> DataError:
    cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return DataError(f"{source} cannot be read: {' '.join(str(cause).split())}.")
