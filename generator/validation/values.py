"""What a cell's text means: tags, levels, numbers, flags; dates.py has dates.

Columns are categorical, so each function works on the distinct texts and spreads its answer to the
rows: 2.8 million dates hold a few hundred different ones.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"

# Where a comma can only be one thing: 1,5 and 0,125; 1,234.5 and 1,234,567; 1.234,5 and 1.234.567.
DECIMAL_COMMA = r"[+-]?(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+)"
COMMAS_BETWEEN_THOUSANDS = r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})"
POINTS_BETWEEN_THOUSANDS = r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})"
MISSING = ("", "NULL", "null", "None", "nan", "NaN", r"\N", "<NA>")
"""What programs write for nothing, in columns where it can mean nothing else."""
SECONDS_OF_ONE_WEIGHT = 3600.0

FLAGS = {"true": 1, "yes": 1, "1": 1, "1.0": 1, "false": 0, "no": 0, "0": 0, "0.0": 0, "": -1}
UNREADABLE_FLAG = -2


def spread(column: pd.Series, of_distinct: Callable[[pd.Index], Any]) -> NDArray[Any]:
    """`of_distinct` of the column's distinct texts, an array with one entry a row."""
    distinct = column.cat.categories
    answers = np.asarray(of_distinct(distinct.str.strip())) if len(distinct) else np.empty(0)
    by_row: NDArray[Any] = answers[column.cat.codes.to_numpy()]
    return by_row


def recode(column: pd.Series, of_distinct: Callable[[pd.Index], pd.Index]) -> pd.Series:
    """The column with each text replaced by its meaning; texts that mean the same become one.

    An empty text becomes missing. Categories are exactly the values that occur.
    """
    trimmed = column.cat.remove_unused_categories()
    distinct = trimmed.cat.categories.str.strip()
    meanings = of_distinct(distinct[distinct != ""])
    codes, values = pd.factorize(meanings)
    place = np.full(len(distinct) + 1, -1, dtype=np.int32)
    place[:-1][np.asarray(distinct != "", dtype=bool)] = codes
    recoded = pd.Categorical.from_codes(place[trimmed.cat.codes.to_numpy()], categories=values)
    return pd.Series(recoded, index=column.index, name=column.name)


def is_filled(column: pd.Series) -> NDArray[np.bool_]:
    return spread(column, lambda texts: texts != "").astype(bool)


def fold(texts: pd.Index) -> pd.Index:
    """One spelling a tag: Unicode NFC and case folding, nothing split and no sign dropped.

    `Cloud-computing` is `cloud-computing`; `c++`, `c#`, `.net` and `asp.net-core` stay themselves.
    """
    return texts.str.normalize("NFC").str.casefold().str.normalize("NFC")


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """float64 per row: NaN where the text is no number, infinite where it is beyond float64.

    A comma is read where it can mean one thing only: 1,5 is a number, and 1,234 may be two.
    """
    return spread(column, _numbers).astype(np.float64)


def is_given(column: pd.Series) -> NDArray[np.bool_]:
    """False where the text is one of MISSING."""
    return ~spread(column, lambda texts: texts.isin(MISSING)).astype(bool)


def seconds_of_weights(column: pd.Series) -> NDArray[np.float64]:
    """float64 per row: the view time that a weight counts as."""
    return np.where(is_given(column), numbers(column), 1.0) * SECONDS_OF_ONE_WEIGHT


def flags(column: pd.Series) -> NDArray[np.int8]:
    """int8 per row: 1 true, 0 false, -1 where the text is empty, UNREADABLE_FLAG for any other."""
    return spread(
        column, lambda texts: [FLAGS.get(text, UNREADABLE_FLAG) for text in fold(texts)]
    ).astype(np.int8)


def _numbers(texts: pd.Index) -> NDArray[np.float64]:
    texts = _with_points(texts)
    readable = np.asarray(texts.str.fullmatch(NUMBER), dtype=bool)
    found = np.full(len(texts), np.nan)
    found[readable] = texts[readable].to_numpy(dtype=object).astype(np.float64)
    return found


def _with_points(texts: pd.Index) -> pd.Index:
    """Numbers with a comma that can mean one thing only, as a program would write them."""
    if not texts.str.contains(r"[0-9],[0-9]|\.[0-9]{3}\.").any():
        return texts
    spelled = texts.to_series(index=range(len(texts)))
    for form, thousands in (
        (DECIMAL_COMMA, "."),
        (COMMAS_BETWEEN_THOUSANDS, ","),
        (POINTS_BETWEEN_THOUSANDS, "."),
    ):
        fits = texts.str.fullmatch(form)
        plain = spelled[fits].str.replace(thousands, "", regex=False)
        spelled[fits] = plain.str.replace(",", ".", regex=False)
    return pd.Index(spelled)
