"""A table from Parquet, turned into the text that a CSV file would hold."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as is_type

from generator.load.categorical import as_categorical
from generator.load.sources.folders import unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Column, Kind, Table
from generator.validation.raw_table import DeclaredType, RawTable
from shared.errors import DataError

FIRST_ROW = 1
EXPECTED: dict[Kind, str] = {
    "user_handle": "integers or text",
    "course_handle": "integers or text",
    "seconds": "numbers",
    "weight": "numbers",
    "score": "numbers",
    "date": "dates, time stamps, numbers or text",
    "flag": "booleans, 0 and 1, or text",
}
LIST_SEPARATOR = "|"
TEXT = (pa.string(), pa.large_string(), pa.string_view())


def read_parquet(file: TableFile, table: Table) -> RawTable:
    """Text is the common ground of validation; whether handles were integers or text is kept.

    Raises DataError if the file is no Parquet, or a column's type cannot mean what it should.
    """
    try:
        parquet = pq.ParquetFile(file.anywhere)
        schema = parquet.schema_arrow
        names = table.spelled_as_here(schema.names)
        in_file = dict(zip(names, schema.names, strict=True))
        known = [
            column
            for column in table.columns_among(names)
            if column.kind != "attribute" or _is_plain(schema.field(in_file[column.name]).type)
        ]
        arrow = parquet.read(columns=[in_file[column.name] for column in known])
    except pa.ArrowInvalid as error:
        raise DataError(f"{file.source} is not readable as Parquet ({error}).") from error
    except OSError as error:
        raise unreadable(file.source, error) from error
    columns: dict[str, pd.Categorical] = {}
    declared: dict[str, DeclaredType] = {}
    for column in known:
        values = _simple(arrow[in_file[column.name]], column, file.source)
        if column.kind in ("user_handle", "course_handle") and values.null_count < len(values):
            declared[column.name] = "int" if is_type.is_integer(values.type) else "str"
        columns[column.name] = as_categorical(values)
    rows = np.arange(FIRST_ROW, FIRST_ROW + arrow.num_rows)
    return RawTable(
        file.table, file.source, names, pd.DataFrame(columns, index=rows), declared=declared
    )


def _simple(values: pa.ChunkedArray, column: Column, source: str) -> pa.ChunkedArray:
    """The column as text, integers, floats, dates, or times without zone (in UTC)."""
    if is_type.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind = values.type
    number = is_type.is_integer(kind) or is_type.is_floating(kind) or is_type.is_decimal(kind)
    if is_type.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), None, values)
    if is_type.is_null(kind) or kind in TEXT:
        return values.cast(pa.string())
    match column.kind:
        case "attribute" if _is_list(kind):
            lists = values.cast(pa.list_(pa.string()))
            return pc.binary_join(lists, LIST_SEPARATOR)
        case "attribute":
            return values.cast(pa.string())
        case "flag" if is_type.is_boolean(kind) or number:
            return values.cast(pa.string())
        case "user_handle" | "course_handle" | "tag" | "level" | "text" if number:
            return _whole(values, column, source)
        case "weight" if is_type.is_boolean(kind):
            return values.cast(pa.string())
        case "seconds" | "weight" | "score" if number:
            return values.cast(pa.float64())
        case "date" if number:
            return values.cast(pa.string())
        case "date" if is_type.is_timestamp(kind):
            return values.cast(pa.timestamp("us"), safe=False)
        case "date" if is_type.is_date(kind):
            return values.cast(pa.date32())
    raise DataError(
        f"Column {column.name} of {source} holds {kind}: expected "
        f"{EXPECTED.get(column.kind, 'text')}."
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(is_type.is_list(kind) or is_type.is_large_list(kind))


def _is_plain(kind: pa.DataType) -> bool:
    """Whether an attribute can be read as text: what a platform nests deeper is left alone."""
    return not is_type.is_nested(kind.value_type if _is_list(kind) else kind) and not (
        is_type.is_binary(kind) or is_type.is_large_binary(kind)
    )


def _whole(values: pa.ChunkedArray, column: Column, source: str) -> pa.ChunkedArray:
    try:
        return values.cast(pa.int64())
    except pa.ArrowInvalid as error:
        if is_type.is_uint64(values.type) and column.kind in ("user_handle", "course_handle"):
            return values.cast(pa.string())
        raise DataError(
            f"Column {column.name} of {source} holds numbers that are no 64-bit integers: write "
            "it as integers or as text."
        ) from error
