"""Whether handles are integers or text: decided once over all tables, never guessed row by row."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.validation.raw_table import DeclaredType, RawTable
from generator.validation.values import is_given, spread
from shared.errors import DataError
from shared.records import MAX_HANDLE_CHARACTERS, is_handle
from shared.settings import HandleType

# pandas writes 123 as 123.0 when other rows of the column were empty.
WHOLE_NUMBER = r"(?:0|-?[1-9][0-9]*)(?:\.0)?"
SHARE_OF_WHOLE_NUMBERS = 0.99
_LONGEST_INTEGER = 22
SHORTEST_BEYOND_64_BITS = len(str(2**63))


def handle_type(
    tables: Iterable[RawTable], column_name: str, setting: HandleType, setting_name: str
) -> DeclaredType:
    """The type of all handles in the columns of this name.

    `auto` follows files with types (Parquet). Without any, handles are integers if at least 99 in
    100 that are given are whole numbers as a program writes them (7, -7, 7.0, but not 007 or +7),
    and all of these fit into 64 bits: longer ones are no slips of a pen.
    Raises DataError if files with types contradict each other or the rest.
    """
    if setting != "auto":
        return setting
    holders = [table for table in tables if column_name in table.frame]
    sources = {t.declared[column_name]: t.source for t in holders if column_name in t.declared}
    if sources.keys() == {"str"}:
        return "str"
    counted = _type_of_text([table.frame[column_name] for table in holders])
    if sources and (counted == "str" or len(sources) > 1):
        raise DataError(
            f"Column {column_name} holds integers in {sources['int']} but text in "
            f"{sources.get('str', 'other tables')}: write it with one type everywhere, or set "
            f"{setting_name} to int or str."
        )
    return counted


def is_whole_number(column: pd.Series) -> NDArray[np.bool_]:
    return spread(column, lambda texts: texts.str.fullmatch(WHOLE_NUMBER)).astype(bool)


def fits_64_bits(column: pd.Series) -> NDArray[np.bool_]:
    """False where the text is a whole number below -2**63 or above 2**63 - 1."""
    return spread(column, _fit_64_bits).astype(bool)


def is_short(column: pd.Series) -> NDArray[np.bool_]:
    return spread(column, lambda texts: texts.str.len() <= MAX_HANDLE_CHARACTERS).astype(bool)


def as_integers(texts: pd.Index) -> pd.Index:
    """int64: what these whole numbers say. Raises ValueError for any other text."""
    return pd.Index([int(text.removesuffix(".0")) for text in texts], dtype="int64")


def _type_of_text(columns: list[pd.Series]) -> DeclaredType:
    if not all(fits_64_bits(column).all() for column in columns):
        return "str"
    given = sum(int(is_given(column).sum()) for column in columns)
    whole = sum(int(is_whole_number(column).sum()) for column in columns)
    return "int" if whole >= SHARE_OF_WHOLE_NUMBERS * given else "str"


def _fit_64_bits(texts: pd.Index) -> NDArray[np.bool_]:
    fit = np.ones(len(texts), bool)
    for place in np.flatnonzero(texts.str.len() >= SHORTEST_BEYOND_64_BITS):
        fit[place] = _fits_64_bits(texts[place])
    return fit


def _fits_64_bits(text: str) -> bool:
    if not re.fullmatch(WHOLE_NUMBER, text):
        return True
    return len(text) <= _LONGEST_INTEGER and is_handle(int(text.removesuffix(".0")))
