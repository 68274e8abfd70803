"""Which files of a folder hold a table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from generator.load.sources.folders import DAMAGED_FILE, Folder
from generator.load.sources.formats import FORMATS, format_of, plain, readable_names, uncompressed
from generator.validation.columns import TABLES, VIEWS
from shared.errors import DataError

# What is looked for where a folder cannot be listed.
SUFFIXES = (".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
# Of tables; the other formats are for interactions alone.
IN_FOLDERS = ("parquet", "csv", "tsv", "jsonl", "json", "xlsx")


@dataclass(frozen=True)
class TableFile:
    table: str
    format: str
    """One of FORMATS."""
    content: pa.NativeFile
    """The bytes as they lie there, perhaps compressed."""
    source: str
    name: str
    """The path within the folder or archive that was named."""

    @property
    def plain(self) -> BinaryIO:
        """The bytes as they were before compression, from the start."""
        self.content.seek(0)
        return plain(self.name, self.content)

    @property
    def is_empty(self) -> bool:
        """False too where that cannot be told, since the file is damaged."""
        try:
            return not self.plain.read(1)
        except DAMAGED_FILE:
            return False
        finally:
            self.content.seek(0)

    @property
    def anywhere(self) -> pa.NativeFile:
        """The same for formats that are read in any order: in memory, if it is compressed."""
        if uncompressed(self.name) == self.name:
            return self.content
        return pa.BufferReader(self.plain.read())


def table_files(folder: Folder, form: str = "") -> Iterator[TableFile]:
    """The tables' files in the order of TABLES, each open while it is the current one.

    A table is one file, in the first of FORMATS that is there, or a folder of parts. A folder
    without any table, but with files of one format, holds parts of user_course_views. Raises
    DataError, after the last, if the folder held neither interests nor views.
    """
    names, every = folder.names(), folder.files()
    seen = set()
    for table in TABLES:
        paths = _files_of(table, names, every)
        for file in parts_of(folder, paths, table, form if table == VIEWS else ""):
            seen.add(table)
            yield file
            if not every:
                # Of what might be there, the first that is.
                break
    if not seen:
        for file in parts_of(folder, part_files(every, form, folder.label), VIEWS, form):
            seen.add(VIEWS)
            yield file
    if not seen & {"user_interests", VIEWS}:
        raise DataError(_nothing_to_learn_from(folder.label, names))


def opened(folder: Folder, paths: Sequence[str], table: str, form: str = "") -> Iterator[TableFile]:
    """These files of the folder as parts of a table, without those that are not there."""
    for path in paths:
        with folder.open(path) as content:
            if content is not None:
                source = f"{folder.label}/{path}"
                yield TableFile(table, form or format_of(path) or "csv", content, source, path)


def parts_of(
    folder: Folder, paths: Sequence[str], table: str, form: str = ""
) -> Iterator[TableFile]:
    """The same, and of several without those in which nothing is: logs are rotated, and Spark
    writes, whether anything happened or not."""
    for file in opened(folder, paths, table, form):
        if len(paths) == 1 or not file.is_empty:
            yield file


def part_files(paths: Sequence[str], form: str, label: str) -> list[str]:
    """Those among the files that hold rows, in the order of their names, numbers as numbers.

    Files whose names begin with _ or a point are none (Spark's _SUCCESS, .crc). Raises DataError
    if the others are of several formats.
    """
    shown = without_hidden(paths)
    # Notes beside the parts are .txt too.
    kinds = {path: form or format_of(path.removesuffix(".txt")) for path in shown}
    parts = sorted((path for path in shown if kinds[path]), key=_natural)
    if len(formats := {str(kinds[path]) for path in parts}) > 1:
        raise DataError(
            f"{label} holds files of {len(formats)} formats ({', '.join(sorted(formats))}), and "
            f"none is named after a table: name those that belong together, as in {label}/*.csv."
        )
    return parts


def without_hidden(paths: Sequence[str]) -> list[str]:
    """Without files and folders whose names begin with _ or a point, except columns (_day=1)."""
    return [path for path in paths if not re.search(r"(^|/)[_.](?![^/]*=)", path)]


def _files_of(table: str, names: Sequence[str], every: Sequence[str]) -> list[str]:
    if not every:
        return [table + suffix for suffix in SUFFIXES][: 0 if names else None]
    for form in IN_FOLDERS:
        for suffix in FORMATS[form]:
            for name in names:
                bare = name.partition(".")[0]
                if bare == table and format_of(name) == form and name.startswith(table + suffix):
                    return _here(name, every)
    return _here(table, every) if table in names else []


def _here(name: str, every: Sequence[str]) -> list[str]:
    """The file itself, or the parts in the folder of this name."""
    if name in every:
        return [name]
    return part_files([path for path in every if path.startswith(f"{name}/")], "", name)


def _natural(path: str) -> list[tuple[int, str]]:
    pieces = re.split(r"([0-9]+)", path)
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]


def _nothing_to_learn_from(label: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
    found = f"; found {shown}" if names else ""
    return (
        f"{label} holds neither user_interests nor {VIEWS}: expected one of them as "
        f"{', '.join(SUFFIXES)}{found}. {readable_names().capitalize()}."
    )
