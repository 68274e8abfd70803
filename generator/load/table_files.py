"""Which file of a folder holds a table."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from generator.load.folders import Folder
from generator.validation.columns import TABLES
from shared.errors import DataError

SUFFIXES = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True)
class TableFile:
    table: str
    suffix: str
    content: pa.NativeFile
    source: str

    @property
    def name(self) -> str:
        return self.table + self.suffix


def table_files(folder: Folder) -> Iterator[TableFile]:
    """The tables' files in the order of TABLES, each open while it is the current one.

    Where a table is there in several forms, the first of SUFFIXES counts. Raises DataError, after
    the last, if the folder held neither interests nor views.
    """
    found = set()
    for table in TABLES:
        for suffix in SUFFIXES:
            with folder.open(table + suffix) as content:
                if content is None:
                    continue
                found.add(table)
                yield TableFile(table, suffix, content, f"{folder.label}/{table}{suffix}")
                break
    if not found & {"user_interests", "user_course_views"}:
        raise DataError(_nothing_to_learn_from(folder))


def _nothing_to_learn_from(folder: Folder) -> str:
    names = folder.names()
    shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
    return (
        f"{folder.label} holds neither user_interests nor user_course_views: expected one of them "
        f"as {', '.join(SUFFIXES)}" + (f"; found {shown}." if names else ".")
    )
