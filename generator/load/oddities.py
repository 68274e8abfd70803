"""What is odd about a table as it was read, and may be right all the same."""

from collections.abc import Iterator

import pandas as pd

from generator.validation.raw_table import RawTable
from generator.validation.values import spread

# As spreadsheets show a number of more than eleven digits, and save it.
ROUNDED = r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}"


def oddities(raw: RawTable) -> Iterator[str]:
    """A sentence each."""
    for column in raw.columns:
        if column.kind in ("user_handle", "course_handle") and column.name in raw.frame:
            yield from _rounded(raw.frame[column.name], f"{raw.source}: {column.said}")
    if raw.repeats_count and (repeats := int(raw.frame.duplicated().sum())):
        yield (
            f"{raw.source}: rows that repeat an earlier one and count again: {repeats:,}; "
            "duplicates=drop in DATA_COLUMNS leaves them out."
        )


def _rounded(handles: pd.Series, where: str) -> Iterator[str]:
    rounded = spread(handles, lambda texts: texts.str.fullmatch(ROUNDED)).astype(bool)
    if rounded.any():
        yield (
            f"{where} has handles that a spreadsheet seems to have rounded, as "
            f"{handles[rounded].iloc[0]!r}: {int(rounded.sum()):,} rows. Export it as text."
        )
