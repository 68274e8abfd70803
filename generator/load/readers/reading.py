"""The rows of one file, whatever its format, under the file's own names."""

from generator.load.delimited.csv_files import read_csv
from generator.load.layout import Layout
from generator.load.readers.json_files import read_json
from generator.load.readers.parquet_files import read_parquet
from generator.load.readers.parts import with_partition_columns
from generator.load.readers.spreadsheets import read_spreadsheet
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Table
from generator.validation.raw_table import RawTable


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
