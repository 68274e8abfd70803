"""Input tables from files."""

from collections.abc import Mapping
from dataclasses import replace

from generator.load.csv_files import read_csv
from generator.load.input_files import input_files
from generator.load.layout import Layout
from generator.load.parquet_files import read_parquet
from generator.load.sequences import read_sequences
from generator.load.sparse_matrix import read_sparse_matrix
from generator.load.table_files import TableFile
from generator.validation.columns import TABLES
from generator.validation.raw_table import RawTable


def load_tables(url: str, columns: Mapping[str, str] | None = None) -> dict[str, RawTable]:
    """The tables in a folder, or the interactions in one file, as user_course_views.

    `url`: a path, or file://, s3://, gs://, az://, http:// or https://. In a folder each table is
    NAME.parquet, NAME.csv or NAME.csv.gz, the first that is there; one without a file is absent
    from the answer. `columns` is DATA_COLUMNS: what the columns of the interactions mean.

    Raises DataError if the folder or a file cannot be read, or if there are neither interests nor
    views; SettingsError if `columns` makes no sense.
    """
    layout = Layout.declared(columns or {})
    return {file.table: _read(file, layout) for file in input_files(url)}


def _read(file: TableFile, layout: Layout) -> RawTable:
    if file.suffix == ".npz":
        return read_sparse_matrix(file, layout)
    if file.suffix == ".txt" and "course_id" not in layout.columns:
        return read_sequences(file, layout)
    renamed = file.table == "user_course_views" and layout.columns
    table = layout.theirs if renamed else TABLES[file.table]
    if file.suffix == ".parquet":
        raw = read_parquet(file, table)
    elif renamed:
        raw = read_csv(file, table, layout.separator, has_header=not layout.by_position)
    else:
        raw = read_csv(file, table)
    if renamed:
        return layout.as_views(raw)
    return replace(raw, known_columns=layout.timed(raw.columns))
