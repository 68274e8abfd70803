"""What stands in columns that a file need not have, where it has none."""

import numpy as np
import pandas as pd

from generator.validation.columns import TABLES, Column


def with_all_columns(table: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """A validated table with its optional columns too, empty where its file had none."""
    table = pd.DataFrame() if table is None else table
    absent = [column for column in TABLES[name].columns if column.name not in table]
    return table.assign(**{column.name: _nothing(column, len(table)) for column in absent})


def _nothing(column: Column, rows: int) -> pd.Categorical | np.ndarray:
    match column.kind:
        case "flag":
            return np.full(rows, -1, np.int8)
        case "date":
            return np.full(rows, np.datetime64("NaT", "us"))
        case "seconds" | "score":
            return np.full(rows, np.nan)
        case _:
            return pd.Categorical.from_codes(np.full(rows, -1, np.int8), categories=[])
