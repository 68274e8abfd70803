"""Tables to files, a block at a time."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import CSVWriter, WriteOptions

from generator.load.sources.table_files import SUFFIXES
from shared.errors import DataError, SettingsError

FileFormat = Literal["csv", "parquet"]
Blocks = Iterator[pa.RecordBatch]
# Refuses a text that would need quotes, instead of quoting every text as "needed" does.
UNQUOTED = WriteOptions(quoting_style="none", quoting_header="none")


def write_tables(folder: Path, tables: Mapping[str, Blocks], form: FileFormat) -> dict[str, int]:
    """Write NAME.csv or NAME.parquet for each table of one or more blocks; rows per table.

    A file appears, or replaces the one before it, only when it is complete. Raises SettingsError
    for an unknown form, DataError if the folder cannot be written or already holds a table in
    another form.
    """
    if form not in get_args(FileFormat):
        raise SettingsError(f"The format must be csv or parquet. Received: {form!r}")
    for name in tables:
        for suffix in SUFFIXES:
            if suffix != f".{form}" and (folder / f"{name}{suffix}").exists():
                raise DataError(
                    f"{folder} already holds {name}{suffix}, a second form of the same table: "
                    "move it away, or write to another folder."
                )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return {name: _write(folder / f"{name}.{form}", rows) for name, rows in tables.items()}
    except OSError as error:
        raise DataError(f"{folder} cannot be written: {error.strerror or error}.") from error


def _write(path: Path, blocks: Blocks) -> int:
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        rows = _write_blocks(partial, blocks, parquet=path.suffix == ".parquet")
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    return rows


def _write_blocks(file: str, blocks: Blocks, parquet: bool) -> int:
    first = next(blocks)
    writer = (
        pq.ParquetWriter(file, first.schema)
        if parquet
        else CSVWriter(file, first.schema, write_options=UNQUOTED)
    )
    rows = 0
    with writer:
        for block in chain([first], blocks):
            writer.write(block)
            rows += block.num_rows
    return rows
