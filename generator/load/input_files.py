"""Which files an address means: the tables of a folder, or one file of interactions."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from generator.load.folders import open_folder
from generator.load.table_files import SUFFIXES, TableFile, table_files
from shared.errors import DataError

FILE_SUFFIXES = (*SUFFIXES, ".tsv", ".dat", ".inter", ".txt", ".npz")


def input_files(url: str) -> Iterator[TableFile]:
    """Each file open while it is the current one. Raises DataError if there are none."""
    parent, name = _parts(url)
    suffix = next((suffix for suffix in FILE_SUFFIXES if name.lower().endswith(suffix)), None)
    if suffix is None:
        yield from table_files(open_folder(url))
        return
    folder = open_folder(parent)
    with folder.open(name) as content:
        if content is None:
            raise DataError(f"There is no file {folder.label}/{name}: DATA_URL must name one.")
        yield TableFile("user_course_views", suffix, content, f"{folder.label}/{name}")


def _parts(url: str) -> tuple[str, str]:
    """The folder's address and the file's name."""
    if "://" not in url:
        parent, slash, name = url.rpartition("/")
        return parent or slash or ".", name
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    parent, _, name = parts.path.rpartition("/")
    return urlunsplit(parts._replace(path=parent or "/")), name
