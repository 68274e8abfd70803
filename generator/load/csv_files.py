"""A table from delimited text, plain or gzipped: UTF-8, quotes, and usually commas and a header."""

import codecs
import csv
import io
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.csv import ConvertOptions, InvalidRow, ParseOptions, ReadOptions
from pyarrow.csv import read_csv as read_arrow

from generator.load.folders import DAMAGED_FILE, unreadable
from generator.load.table_files import TableFile
from generator.validation.columns import Table
from generator.validation.raw_table import MALFORMED_COLUMNS, RawTable
from shared.errors import DataError

# Also the longest row that can be read, with all its quoted line breaks.
BLOCK_BYTES = 2**21
# The header is row 1, as in a spreadsheet.
FIRST_ROW = 2
SEPARATOR_OF = {"csv": ",", "tsv": "\t", "inter": "\t", "txt": "\t", "dat": "::"}
TEXT = pa.dictionary(pa.int32(), pa.string())
WRONG_FIELDS = "wrong number of fields"


def read_csv(
    file: TableFile, table: Table, separator: str | None = None, has_header: bool = True
) -> RawTable:
    """Rows with too few or too many fields go to `malformed`; empty lines are no rows.

    Without a header the columns are named 1, 2, 3. A separator of two equal signs, as in a::b, is
    one sign with an empty field between. Raises DataError if the file is empty, broken or not
    UTF-8, or names a column twice.
    """
    sign = separator or SEPARATOR_OF[file.format]
    try:
        plain = file.plain
        names = _header(plain, file.source, sign, has_header)
        plain.seek(0)
        known = [column.name for column in table.columns_among(names)]
        frame, malformed = _rows(Utf8Only(plain), known, sign, None if has_header else names)
    except (UnicodeDecodeError, pa.ArrowInvalid, csv.Error) as error:
        raise _damaged(file.source, error) from error
    except DAMAGED_FILE as error:
        raise unreadable(file.source, error) from error
    return RawTable(file.table, file.source, names, frame, malformed=malformed)


class Utf8Only(io.RawIOBase):
    """Raises UnicodeDecodeError for any other byte: pyarrow overlooks it in columns that are not
    read, and in an invalid row prints it to stderr and goes on.
    """

    def __init__(self, plain: BinaryIO) -> None:
        self._plain = plain
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._plain.read(size)
        self._decoder.decode(content, final=not content)
        return content


def _header(plain: BinaryIO, source: str, sign: str, has_header: bool) -> list[str]:
    """The names of the columns, or 1, 2, 3; the empty fields within a :: have names like "2 ::"."""
    text = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
    names = next((row for row in csv.reader(text, delimiter=sign[0]) if row), None)
    text.detach()
    if names is None:
        raise DataError(f"{source} is empty: its first line must name the columns.")
    step = len(sign)
    if not has_header:
        names = [str(place // step + 1) for place in range(len(names))]
    names = [
        f"{name or place} {sign}" if place % step else name for place, name in enumerate(names)
    ]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{source} has more than one column {', '.join(twice)}: keep one.")
    return names


def _rows(
    plain: io.RawIOBase, columns: list[str], sign: str, names: list[str] | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as categorical text, and the lines that are no rows; `names` where no line is."""
    first_row = FIRST_ROW if names is None else FIRST_ROW - 1
    skipped: list[tuple[int, str, str]] = []

    def set_aside(row: InvalidRow) -> str:
        skipped.append((row.number, WRONG_FIELDS, row.text))
        return "skip"

    types = dict.fromkeys(columns, TEXT)
    try:
        arrow = read_arrow(
            plain,
            # Only a single thread knows the numbers of invalid rows.
            ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
            ParseOptions(delimiter=sign[0], newlines_in_values=True, invalid_row_handler=set_aside),
            ConvertOptions(include_columns=columns, column_types=types),
        )
    except pa.ArrowInvalid as error:
        # A header without a line break after it.
        if "Empty CSV file" not in str(error):
            raise
        arrow = pa.schema(types).empty_table()
    malformed = pd.DataFrame(skipped, columns=pd.Index(MALFORMED_COLUMNS))
    frame = arrow.to_pandas()
    frame.index = _row_numbers(first_row, len(frame), [number for number, _, _ in skipped])
    return frame, malformed


def _row_numbers(first: int, rows: int, skipped: list[int]) -> NDArray[np.int64]:
    every = np.arange(first, first + rows + len(skipped))
    return np.delete(every, np.array(skipped, dtype=np.int64) - first)


def _damaged(source: str, error: Exception) -> DataError:
    if isinstance(error, UnicodeDecodeError):
        return DataError(
            f"{source} is not UTF-8 text ({error}): convert it, for example with "
            "iconv -f WINDOWS-1252 -t UTF-8."
        )
    return DataError(
        f"{source} is not readable as CSV ({error}): often a quote is opened and never closed."
    )
