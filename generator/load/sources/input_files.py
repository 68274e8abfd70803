"""Which files an address means: the tables of a folder, one file of interactions, or its parts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa

from generator.load.sources.archives import ZipFolder
from generator.load.sources.folders import FilesystemFolder, Folder, open_folder
from generator.load.sources.formats import format_of, how_to_say_it
from generator.load.sources.table_files import (
    TableFile,
    part_files,
    parts_of,
    table_files,
    without_hidden,
)
from generator.validation.columns import VIEWS
from shared.errors import DataError

WILD = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def input_files(url: str, form: str = "") -> Iterator[TableFile]:
    """Each file open while it is the current one; `form` where its name does not say its format.

    The last part of the address may be a pattern: `*`, `?` (in a path) and `[...]` stand for
    what they do in a shell, and `**` for any folders. Raises DataError if there are no files.
    """
    fixed, pattern = _pattern(url)
    if pattern:
        yield from _matching(open_folder(fixed), pattern, form)
        return
    parent, name = _parts(url)
    if not _names_one_file(parent, name, form):
        yield from table_files(open_folder(url), form)
        return
    with _named_file(parent, name) as (folder, content):
        if isinstance(folder, ZipFolder):
            yield from table_files(folder, form)
        else:
            source = f"{folder.label}/{name}"
            yield TableFile(VIEWS, form or str(format_of(name)), content, source, name)


@contextmanager
def files_at(url: str) -> Iterator[tuple[Folder, list[str]]]:
    """Every file at an address, of whatever format, as paths from a folder: of a folder and those
    below it, of a zip archive, of a pattern, or the file itself. Raises DataError if there is none.
    """
    fixed, pattern = _pattern(url)
    parent, name = _parts(url)
    if pattern:
        folder: Folder = open_folder(fixed)
        yield folder, without_hidden(_matches(folder, pattern))
    elif not _names_one_file(parent, name, "any"):
        folder = open_folder(url)
        yield folder, without_hidden(folder.files())
    else:
        with _named_file(parent, name) as (folder, _):
            if isinstance(folder, ZipFolder):
                yield folder, without_hidden(folder.files())
                return
        yield folder, [name]


@contextmanager
def _named_file(parent: str, name: str) -> Iterator[tuple[Folder, pa.NativeFile]]:
    """The file, open, and its folder; of a zip archive the archive as a folder."""
    folder = open_folder(parent)
    source = f"{folder.label}/{name}"
    with folder.open(name) as content:
        if content is None:
            raise DataError(f"There is no file {source}: DATA_URL must name one.")
        yield (ZipFolder(content, source) if name.lower().endswith(".zip") else folder), content


def _names_one_file(parent: str, name: str, form: str) -> bool:
    """Whether the address is that of a file that can be read; a folder may be named like one."""
    if not name or not (form or format_of(name) or name.lower().endswith(".zip")):
        return False
    if "://" in parent and urlsplit(parent).scheme in ("http", "https"):
        return True
    folder = open_folder(parent)
    if not isinstance(folder, FilesystemFolder) or folder.holds_file(name):
        return True
    # What is neither file nor folder is a file that is missing.
    return name not in folder.names()


def _matching(folder: Folder, pattern: str, form: str) -> Iterator[TableFile]:
    matching = _matches(folder, pattern)
    paths = without_hidden(matching) or matching
    if unknown := [path for path in paths if not (form or format_of(path))]:
        raise DataError(
            f"{folder.label}/{unknown[0]} has a name that does not say what it is: "
            f"{how_to_say_it()}"
        )
    parts = part_files(paths, form, folder.label)
    if not parts:
        raise DataError(f"No file of {folder.label} matches {pattern}.")
    yield from parts_of(folder, parts, VIEWS, form)


def _matches(folder: Folder, pattern: str) -> list[str]:
    fits = re.compile(_expression(pattern)).fullmatch
    return [path for path in folder.files() if fits(path) or path == pattern]


def _expression(pattern: str) -> str:
    """A shell's pattern over a path as a regular expression."""
    pieces = re.split(r"(\*\*/?|\*|\?|\[!?[^\]]+\])", pattern)
    return "".join(
        WILD.get(piece) or (piece.replace("[!", "[^") if piece[:1] == "[" else re.escape(piece))
        for piece in pieces
    )


def _pattern(url: str) -> tuple[str, str]:
    """The folder's address up to the first part that is a pattern, and the pattern."""
    is_url = "://" in url
    if url.startswith(("http://", "https://")):
        return url, ""
    try:
        path = urlsplit(url).path if is_url else url
    except ValueError:
        return url, ""
    wild = re.search(r"(?<![^/])[^/]*[*[][^?]*$" if is_url else r"(?<![^/])[^/]*[*?[].*$", path)
    if wild is None:
        return url, ""
    fixed = path[: wild.start()] or "."
    return (urlunsplit(urlsplit(url)._replace(path=fixed)) if is_url else fixed), wild[0]


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
