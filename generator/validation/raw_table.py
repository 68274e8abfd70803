"""A table as it was found in its file, before anything in it is believed."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.validation.columns import TABLES, Column

DeclaredType = Literal["int", "str"]
MALFORMED_COLUMNS = ["row", "reasons", "line"]
BLANK = "blank lines"
"""Why such lines are left out, as every reader says it."""


@dataclass(frozen=True)
class RawTable:
    """Rows as text, the way a CSV file writes them."""

    name: str

    source: str
    """Where the rows came from, fit to be shown: no credentials, no query."""

    columns_found: list[str]
    """Every column of the file, in its order."""

    frame: pd.DataFrame
    """The known columns among them, each categorical text, "" where empty. The index is the row's
    number in its file: in CSV as a spreadsheet counts (the header is 1), in Parquet from 1."""

    known_columns: tuple[Column, ...] = ()
    """What they mean, where this file has them otherwise than TABLES says."""

    declared: dict[str, DeclaredType] = field(default_factory=dict)
    """What a file with types (Parquet) says its handle columns are; CSV says nothing."""

    malformed: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=pd.Index(MALFORMED_COLUMNS))
    )
    """Lines that are no rows at all: row, reasons, line (the text as it stands)."""

    repeats_count: bool = False
    """Whether a row that is equal to an earlier one is an event of its own."""

    left_out: dict[str, int] = field(default_factory=dict)
    """Rows of the file that are not in the frame because somebody asked for that, or because they
    are about something else: reason -> rows."""

    remarks: tuple[str, ...] = ()
    """What a reader should know about how the file was read."""

    parts: tuple[str, ...] = ()
    """The files, where the table lay in several."""

    part_of_row: NDArray[np.int32] | None = None
    """int32 [rows of the frame]: which of `parts` each came from. Of malformed lines the column
    `file` says it."""

    @property
    def columns(self) -> list[Column]:
        """Of `frame`, with what they mean."""
        return list(self.known_columns) or TABLES[self.name].columns_among(self.frame)
