"""A table from delimited text, compressed or not: usually UTF-8 with commas and a header."""

import csv
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.csv import ConvertOptions, InvalidRow, ParseOptions, ReadOptions
from pyarrow.csv import read_csv as read_arrow

from generator.load.delimited.delimited_text import DelimitedText
from generator.load.delimited.dialect import Dialect
from generator.load.delimited.separators import said, separator_of
from generator.load.delimited.text_blocks import undecodable
from generator.load.sources.folders import DAMAGED_FILE, unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Table
from generator.validation.raw_table import BLANK, MALFORMED_COLUMNS, RawTable
from shared.errors import DataError

# Also the longest row that can be read, with all its quoted line breaks.
BLOCK_BYTES = 2**21
# The header is row 1, as in a spreadsheet.
FIRST_ROW = 2
SEPARATOR_OF = {"csv": ",", "tsv": "\t", "inter": "\t", "txt": "\t", "dat": "::"}
TEXT = pa.dictionary(pa.int32(), pa.string())
WRONG_FIELDS = "wrong number of fields"
REPEATED_HEADER = "the header once more"
AS_NAMED = Dialect()


def read_csv(
    file: TableFile, table: Table, dialect: Dialect = AS_NAMED, has_header: bool = True
) -> RawTable:
    """Rows with too few or too many fields go to `malformed`; empty lines are no rows.

    Without a header the columns are named 1, 2, 3. Every line of the file is in a row, malformed,
    blank, or in a remark. Raises DataError if the file is empty, broken or of another encoding, or
    names a column twice.
    """
    try:
        return _read(file, table, dialect, has_header)
    except UnicodeDecodeError as error:
        raise undecodable(file.source, error) from error
    except (pa.ArrowInvalid, csv.Error) as error:
        raise DataError(
            f"{file.source} is not readable as CSV ({error}): often a quote is opened and never "
            "closed; quote=none in DATA_COLUMNS takes quotes as they stand."
        ) from error
    except DAMAGED_FILE as error:
        raise unreadable(file.source, error) from error


def _read(file: TableFile, table: Table, dialect: Dialect, has_header: bool) -> RawTable:
    usual = SEPARATOR_OF[file.format]
    choose = separator_of(dialect, usual, table, has_header)
    text = DelimitedText(file.plain, dialect, has_header, choose)
    if not text.names:
        raise DataError(f"{file.source} is empty: its first line must name the columns.")
    names = table.named_once(text.names, file.source)
    known = {column.name: names.index(column.name) for column in table.columns_among(names)}
    rows, skipped = _parsed(text, known, dialect)
    first_row = FIRST_ROW if has_header else FIRST_ROW - 1
    frame = rows.to_pandas()
    frame.index = _row_numbers(first_row, len(frame), [row.number for row in skipped])
    malformed = [
        (row.number + first_row - 1, WRONG_FIELDS, text.as_written(row.text)) for row in skipped
    ]
    headers = {name: text.names[place] for name, place in known.items()} if has_header else {}
    frame, again = _without_headers(frame, headers)
    return RawTable(
        file.table,
        file.source,
        names,
        frame,
        malformed=pd.DataFrame([*malformed, *again], columns=pd.Index(MALFORMED_COLUMNS)),
        left_out={BLANK: text.count.blank} if text.count.blank else {},
        remarks=(
            *_on_separator(text.sign, dialect.separator or usual, file.source),
            *text.count.remarks(file.source, len(frame) + len(malformed) + len(again)),
        ),
    )


def _on_separator(sign: str, expected: str, source: str) -> list[str]:
    if sign == expected:
        return []
    return [f"{source}: fields are separated as with sep={said(sign)}, by their look."]


def _without_headers(
    frame: pd.DataFrame, names: Mapping[str, str]
) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    """The rows that are not the header once more, as where files were put one behind the other."""
    if not names or any(theirs not in frame[name].cat.categories for name, theirs in names.items()):
        return frame, []
    again = np.logical_and.reduce([(frame[name] == theirs) for name, theirs in names.items()])
    line = ",".join(names.values())
    return frame[~again], [(row, REPEATED_HEADER, line) for row in frame.index[again]]


def _parsed(
    text: DelimitedText, columns: Mapping[str, int], dialect: Dialect
) -> tuple[pa.Table, list[InvalidRow]]:
    """The rows as categorical text, and the lines that are no rows, numbered from 1.

    columns: name -> place among the fields.
    """
    skipped: list[InvalidRow] = []

    def skip(row: InvalidRow) -> str:
        skipped.append(row)
        return "skip"

    # By place, since names may be empty, and more than one of them.
    places = [str(place) for place in range(len(text.names))]
    read = [places[place] for place in columns.values()]
    types = dict.fromkeys(read, TEXT)
    try:
        rows = read_arrow(
            text,
            # Only a single thread knows the numbers of invalid rows.
            ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=places),
            ParseOptions(
                delimiter=text.separator.decode(),
                quote_char=False if dialect.quote == "none" else '"',
                escape_char=dialect.escape or False,
                newlines_in_values=True,
                invalid_row_handler=skip,
            ),
            ConvertOptions(include_columns=read, column_types=types),
        )
    except pa.ArrowInvalid as error:
        # Nothing behind the header.
        if "Empty CSV file" not in str(error):
            raise
        rows = pa.schema(types).empty_table()
    # Where no column is known, pyarrow reads all of them.
    return rows.select(read).rename_columns([*columns]), skipped


def _row_numbers(first: int, rows: int, skipped: list[int]) -> NDArray[np.int64]:
    every = np.arange(first, first + rows + len(skipped))
    return np.delete(every, np.array(skipped, dtype=np.int64) - 1)
