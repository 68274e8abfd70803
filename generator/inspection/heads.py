"""The first rows of an input, copied to a folder where it is read like any other."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from generator.load.platforms.export import Export
from generator.load.sources.folders import DAMAGED_FILE, open_folder, unreadable
from generator.load.sources.formats import checked_format, uncompressed
from generator.load.sources.input_files import files_at, input_files
from generator.load.sources.table_files import TableFile
from generator.validation.columns import VIEWS
from shared.errors import DataError

HEAD_BYTES = 2**21
HEAD_ROWS = 20_000
MOST_FILES = 50
# Nothing can be cut off them.
WHOLE = ("npz", "xlsx")


@contextmanager
def head_of(url: str, columns: Mapping[str, str]) -> Iterator[list[TableFile]]:
    """The files that `load_tables` would read, each with its first rows alone, open.

    Of many parts of a table only the first is here. Raises DataError if there are none.
    """
    heads: list[TableFile] = []
    with TemporaryDirectory() as folder:
        for file in input_files(url, checked_format(columns.get("format", ""))):
            if any(head.table == file.table for head in heads):
                continue
            path = Path(folder) / f"{file.table}.{file.format}"
            try:
                _cut(file, path)
            except DAMAGED_FILE as error:
                raise unreadable(file.source, error) from error
            content = pa.OSFile(str(path))
            heads.append(TableFile(file.table, file.format, content, file.source, path.name))
        if not heads:
            raise DataError(f"{url} holds no file that can be read.")
        yield heads
        for head in heads:
            head.content.close()


@contextmanager
def heads_of_export(url: str) -> Iterator[Export]:
    """The first of a platform's files, each with its first rows alone, under their names."""
    with TemporaryDirectory() as folder, files_at(url) as (source, paths):
        for file in Export(source, paths[:MOST_FILES]).files(paths[:MOST_FILES], "jsonl"):
            path = Path(folder) / uncompressed(file.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                _cut(file, path)
            except DAMAGED_FILE as error:
                raise unreadable(file.source, error) from error
        copies = open_folder(folder)
        yield Export(copies, copies.files())


def are_interactions(heads: list[TableFile]) -> bool:
    return len(heads) == 1 and heads[0].table == VIEWS


def _cut(file: TableFile, path: Path) -> None:
    if file.format in WHOLE:
        with path.open("wb") as copy:
            shutil.copyfileobj(file.plain, copy)
    elif file.format == "parquet":
        parquet = pq.ParquetFile(file.anywhere)
        first = next(parquet.iter_batches(HEAD_ROWS), None)
        rows = (
            parquet.schema_arrow.empty_table() if first is None else pa.Table.from_batches([first])
        )
        pq.write_table(rows, path)
    else:
        path.write_bytes(_head_of_text(file))


def _head_of_text(file: TableFile) -> bytes:
    """Whole lines, unless the first has no end: an array is one line, or many, and read whole."""
    plain = file.plain
    content = plain.read(HEAD_BYTES)
    if content.lstrip()[:1] == b"[" or (file.format == "json" and b"\n" not in content):
        return content + plain.read()
    if len(content) < HEAD_BYTES:
        return content
    return content[: content.rfind(b"\n") + 1] or content
