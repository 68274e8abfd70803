"""Input tables from files."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from generator.load.csv_files import read_csv
from generator.load.input_files import input_files
from generator.load.interactions import tables_of
from generator.load.json_files import read_json
from generator.load.layout import Layout
from generator.load.parquet_files import read_parquet
from generator.load.parts import combined, with_partition_columns
from generator.load.sequences import read_sequences
from generator.load.sparse_matrix import read_sparse_matrix
from generator.load.spreadsheets import read_spreadsheet
from generator.load.table_files import TableFile
from generator.validation.columns import TABLES, Table
from generator.validation.raw_table import RawTable


def load_tables(url: str, columns: Mapping[str, str] | None = None) -> dict[str, RawTable]:
    """The tables in a folder, or the interactions in one file or several, as user_course_views.

    `url`: a path, or file://, s3://, gs://, az://, http:// or https://, of a folder, a file, or a
    pattern of files. In a folder each table is one file of its name, or a folder of parts; one
    that is not there is absent from the answer. `columns` is DATA_COLUMNS: what the columns of the
    interactions mean.

    Raises DataError if the folder or a file cannot be read, or if there are neither interests nor
    views; SettingsError if `columns` makes no sense.
    """
    layout = Layout.declared(columns or {})
    return tables_from(input_files(url, layout.format), layout)


def tables_from(files: Iterable[TableFile], layout: Layout) -> dict[str, RawTable]:
    """The tables in these files, each open while it is the current one."""
    ours = replace(layout, columns={})
    parts: dict[str, list[RawTable]] = {}
    foreign: list[RawTable] = []
    for file in files:
        if raw := _read_as_views(file, layout):
            parts.setdefault(file.table, []).append(raw)
        elif file.table == "user_course_views" and layout.columns:
            foreign.append(read_rows(file, layout.theirs, layout))
        else:
            parts.setdefault(file.table, []).append(read_rows(file, TABLES[file.table], ours))
    if foreign:
        for table in tables_of(combined(foreign), layout):
            parts.setdefault(table.name, []).append(table)
    return {name: _timed(combined(parts[name]), layout) for name in TABLES if name in parts}


def _timed(raw: RawTable, layout: Layout) -> RawTable:
    return replace(raw, known_columns=layout.timed(raw.columns))


def _read_as_views(file: TableFile, layout: Layout) -> RawTable | None:
    """What has no columns to declare: matrices and sequences; None for any other file."""
    if file.format == "npz":
        return read_sparse_matrix(file, layout)
    if file.format == "txt" and "course_id" not in layout.columns:
        return read_sequences(file, layout)
    return None


def read_rows(file: TableFile, table: Table, layout: Layout) -> RawTable:
    """The rows of one file, under its own names, with what the names of its folders say."""
    return with_partition_columns(_rows_of(file, table, layout), table, file.name)


def _rows_of(file: TableFile, table: Table, layout: Layout) -> RawTable:
    match file.format:
        case "parquet":
            return read_parquet(file, table)
        case "jsonl" | "json":
            return read_json(file, table)
        case "xlsx":
            return read_spreadsheet(file, table)
        case _:
            return read_csv(file, table, layout.dialect, has_header=not layout.by_position)
