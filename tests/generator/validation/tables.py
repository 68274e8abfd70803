"""Tables written down as text, the way a file holds them."""

from pathlib import Path
from textwrap import dedent

import pandas as pd

from generator.validation.columns import TABLES
from generator.validation.raw_table import RawTable


def write_tables(folder: Path, **tables: str) -> str:
    """NAME.csv for each table; returns the folder."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return str(folder)


def raw_table(name: str, rows: list[tuple[str, ...]], declared=None) -> RawTable:
    """As `read_csv` gives it: rows of text in the order of the table's columns, as many as the
    rows have; without rows, those that the table must have."""
    names = TABLES[name].column_names[: len(rows[0])] if rows else TABLES[name].required_names
    cells = pd.DataFrame(rows, columns=names, dtype="str")
    frame = cells.astype("category").set_axis(range(2, len(rows) + 2))
    return RawTable(name, f"{name}.csv", names, frame, declared=declared or {})
