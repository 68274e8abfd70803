"""Where the pictures of courses may be read from: one folder, and nothing outside of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from generator.load.pictures.thumbnails import MAX_BYTES, PictureRefused
from generator.load.sources.folders import FilesystemFolder, Folder, label_of, open_folder
from generator.load.sources.input_files import files_at
from shared.errors import DataError

OUTSIDE = "lies outside of PICTURES_URL"
NO_FILE = "is no file there"


class PictureFolder:
    """The folder that paths of pictures start from.

    A path may be relative to it, or begin with its address. One that leads out of it, by `..`, by
    a link, or as the address of another server, is refused: a catalogue that somebody else wrote
    must make the generator neither read this machine's files nor ask its neighbours.
    """

    def __init__(self, folder: Folder, url: str) -> None:
        # As it may be written in a table: without what might open it.
        self._folder, self._url = folder, label_of(url).rstrip("/")
        local = isinstance(folder, FilesystemFolder) and urlsplit(url).scheme in ("", "file")
        self._root = Path(unquote(urlsplit(url).path)).expanduser().resolve() if local else None

    @property
    def label(self) -> str:
        return self._folder.label

    def name_of(self, path: str) -> str:
        """The path from the folder. Raises PictureRefused if it leads out of it."""
        path = path.strip()
        if path.startswith(f"{self._url}/"):
            path = path.removeprefix(f"{self._url}/")
        elif self._root is not None and path.startswith(f"{self._root}/"):
            path = path.removeprefix(f"{self._root}/")
        name = PurePosixPath(path)
        if "://" in path or name.is_absolute() or ".." in name.parts or "\\" in path:
            raise PictureRefused(OUTSIDE)
        if not name.parts or "\0" in path:
            raise PictureRefused(NO_FILE)
        if self._root and not (self._root / name).resolve().is_relative_to(self._root):
            raise PictureRefused(OUTSIDE)
        return str(name)

    def changed_at(self, name: str) -> int | None:
        """Nanoseconds since 1970; None where only reading the file would tell whether it has.

        Raises PictureRefused if there is no such file.
        """
        if self._root is None:
            return None
        try:
            return (self._root / name).stat().st_mtime_ns
        except OSError:
            raise PictureRefused(NO_FILE) from None

    def read(self, name: str) -> bytes:
        """The first 32 MB and a byte. Raises PictureRefused if there is no such file."""
        try:
            with self._folder.open(name, at_most=MAX_BYTES + 1) as content:
                if content is None:
                    raise PictureRefused(NO_FILE)
                return bytes(content.read(MAX_BYTES + 1))
        except (DataError, OSError):
            raise PictureRefused("cannot be read") from None


@contextmanager
def picture_folder(pictures_url: str, data_url: str) -> Iterator[PictureFolder]:
    """PICTURES_URL, or where that is empty the folder or archive of the tables.

    Raises DataError if there is none.
    """
    if pictures_url:
        try:
            folder = open_folder(pictures_url)
        except DataError as error:
            raise DataError(f"PICTURES_URL: {error}") from error
        yield PictureFolder(folder, pictures_url)
        return
    with files_at(data_url) as (folder, _):
        is_its_folder = folder.label.rstrip("/") == data_url.rstrip("/")
        yield PictureFolder(folder, data_url if is_its_folder else folder.label)
