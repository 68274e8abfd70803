"""A table from a spreadsheet: the first sheet that has rows, its first row the header."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from generator.load.categorical import as_categorical
from generator.load.sources.folders import DAMAGED_FILE, unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Table
from generator.validation.raw_table import BLANK, RawTable
from shared.errors import DataError, SettingsError

Rows = list[list[Any]]


def read_spreadsheet(file: TableFile, table: Table) -> RawTable:
    """Rows are numbered as the spreadsheet does; those without anything are left out.

    Other sheets with rows are not read, which the table's remarks say. Raises DataError if the file
    is no spreadsheet, empty, or names a column twice; SettingsError without python-calamine.
    """
    rows, remarks = _first_sheet(file)
    filled = [place for place, row in enumerate(rows) if any(cell != "" for cell in row)]
    if not filled:
        raise DataError(f"{file.source} is empty: its first row must name the columns.")
    first = filled[0]
    names = table.named_once([_text(cell) for cell in rows[first]], file.source)
    kept = filled[1:]
    columns = {
        column.name: _column([rows[place][names.index(column.name)] for place in kept])
        for column in table.columns_among([name for name in names if name])
    }
    blank = len(rows) - first - len(kept) - 1
    return RawTable(
        file.table,
        file.source,
        [name for name in names if name],
        pd.DataFrame(columns, index=pd.Index([place + 1 for place in kept], dtype="int64")),
        left_out={BLANK: blank} if blank else {},
        remarks=remarks,
    )


def _first_sheet(file: TableFile) -> tuple[Rows, tuple[str, ...]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise SettingsError(
            f"{file.source} is a spreadsheet, and python-calamine is not installed: "
            "pip install -r requirements-spreadsheets.txt."
        ) from error
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.plain.read()))
        sheets = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in workbook.sheet_names
        }
    except CalamineError as error:
        raise DataError(f"{file.source} is not readable as a spreadsheet ({error}).") from error
    except DAMAGED_FILE as error:
        raise unreadable(file.source, error) from error
    with_rows = {name: rows for name, rows in sheets.items() if rows}
    name, rows = next(iter(with_rows.items()), ("", []))
    others = [other for other in with_rows if other != name]
    remark = f"{file.source}: read is the sheet {name}, and not {', '.join(others)}."
    return rows, (remark,) if others else ()


def _column(cells: Sequence[Any]) -> pd.Categorical:
    return as_categorical(pa.chunked_array([[_text(cell) for cell in cells]], type=pa.string()))


def _text(cell: Any) -> str:
    """A cell as a CSV file would hold it: spreadsheets know whole numbers only as 7.0."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 2**63:
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell.total_seconds())
        case _:
            return str(cell).strip()
