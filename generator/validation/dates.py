"""When something happened: the many ways in which files write a date or a time.

Each value is read by itself, so that one odd value costs one row. What could be read in two ways is
not read at all.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from generator.validation.values import MISSING, spread
from generator.validation.written_dates import written_date

MISSING_DATES = (*MISSING, "NaT")
EPOCH_UNITS = {
    "seconds": 10**6,
    "milliseconds": 10**3,
    "microseconds": 1,
    "nanoseconds": 10**-3,
}
"""Microseconds in one unit of a number of them since 1970."""

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
COMPACT = (
    r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
    # Of 13, 16 and 19 digits are numbers since 1970, some of which look like such a date.
    r"(?:(?P<second>[0-9]{2})(?P<part>(?:[0-9]{3}|[0-9]{6})?))?)?(?:\.0*)?"
)
ISO = (
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}(?=[T ]))"
    r"(?:[T ][0-9]{2}:?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
TWO_NUMBERS_AND_A_YEAR = (
    r"(?P<first>[0-9]{1,2})[-/.](?P<other>[0-9]{1,2})[-/.](?P<year>[0-9]{4}|[0-9]{2})(?:[^0-9].*)?"
)
NO_FAULT, AMBIGUOUS, NO_DATE = range(3)
# From 1973 to 2286 a number says by its size what it counts. Elsewhere it may be anything, such as
# days since somebody's start.
FIRST_EPOCH, LAST_EPOCH = 10**8, 10**10
# The year 9999, which is as far as dates go.
MAX_MICROSECONDS = 2.5e17
MAX_INT64 = 2.0**63


def dates(column: pd.Series, time_format: str = "") -> NDArray[np.datetime64]:
    """datetime64[us] per row, in UTC; NaT where the text is empty, no date, or ambiguous.

    Read are seconds, milliseconds, microseconds and nanoseconds since 1970, ISO 8601 with and
    without a zone, and what `written_date` knows. `time_format`: as strptime has it, or one of
    EPOCH_UNITS, which then is the only way to read.
    """
    return spread(column, _ways_to_read(time_format)).astype("datetime64[us]")


def date_faults(column: pd.Series, time_format: str = "") -> NDArray[np.int8]:
    """int8 per row: NO_FAULT, also where nothing is written or what programs write for nothing;
    AMBIGUOUS where either of two numbers could be the month, as in 01/08/2020, or the year; else
    NO_DATE.
    """
    return spread(column, lambda texts: _faults(texts, time_format)).astype(np.int8)


def check_time_format(time_format: str) -> None:
    """Raises ValueError for what neither strptime nor EPOCH_UNITS know."""
    if time_format not in EPOCH_UNITS:
        pd.to_datetime(pd.Index(["0"], dtype="str"), format=time_format, errors="coerce", utc=True)
        if "%" not in time_format:
            raise ValueError("no % in it")


def _faults(texts: pd.Index, time_format: str) -> NDArray[np.int8]:
    faults = np.full(len(texts), NO_FAULT, np.int8)
    unread = np.isnat(_ways_to_read(time_format)(texts)) & ~texts.isin(MISSING_DATES)
    faults[unread] = np.where(_are_ambiguous(texts[unread]), AMBIGUOUS, NO_DATE)
    return faults


def _ways_to_read(time_format: str) -> Callable[[pd.Index], NDArray[np.datetime64]]:
    if not time_format:
        return _dates
    if time_format in EPOCH_UNITS:
        return lambda texts: _numbers_since_1970(
            texts, rf"[+-]?{NUMBER}", lambda _: np.float64(EPOCH_UNITS[time_format])
        )
    return lambda texts: _in_utc(texts, time_format)


def _dates(texts: pd.Index) -> NDArray[np.datetime64]:
    """What is still NaT is tried in the next way; a compact date is no number of seconds."""
    moments = _nothing(texts)
    for way in (_iso_dates, _compact_dates, _epochs, _written_dates):
        unread = np.isnat(moments)
        if not unread.any():
            break
        moments[unread] = way(texts[unread])
    return moments


def _iso_dates(texts: pd.Index) -> NDArray[np.datetime64]:
    moments = _nothing(texts)
    readable = _matching(texts, ISO)
    # Fractions beyond microseconds would narrow the years that fit to 1677..2262.
    plain = (
        texts[readable]
        .str.replace(r"[.,]([0-9]{1,6})[0-9]*", r".\1", regex=True)
        .str.replace(r" ?UTC$", "Z", regex=True)
    )
    moments[readable] = _in_utc(plain, "ISO8601")
    return moments


def _compact_dates(texts: pd.Index) -> NDArray[np.datetime64]:
    """20200801093000 and its like, which as numbers of seconds would lie in 1970 or 1976."""
    moments = _nothing(texts)
    readable = _matching(texts, COMPACT)
    parts = texts[readable].str.extract(f"^{COMPACT}$").fillna("")
    times = parts["hour"] + ":" + parts["minute"] + ":" + parts["second"].replace("", "00")
    spelled = parts["year"] + "-" + parts["month"] + "-" + parts["day"]
    spelled += ("T" + times + "." + parts["part"].replace("", "0")).where(parts["hour"] != "", "")
    moments[readable] = _in_utc(pd.Index(spelled), "ISO8601")
    return moments


def _epochs(texts: pd.Index) -> NDArray[np.datetime64]:
    return _numbers_since_1970(texts, NUMBER, _microseconds_by_size)


def _written_dates(texts: pd.Index) -> NDArray[np.datetime64]:
    return np.array([written_date(text) for text in texts], "datetime64[us]")


def _microseconds_by_size(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Microseconds in one unit of each number; NaN where its size fits none."""
    factors = np.full(len(numbers), np.nan)
    for factor in EPOCH_UNITS.values():
        units = numbers * factor / 10**6
        factors[(units >= FIRST_EPOCH) & (units < LAST_EPOCH)] = factor
    return factors


def _numbers_since_1970(
    texts: pd.Index,
    pattern: str,
    microseconds: Callable[[NDArray[np.float64]], NDArray[np.float64] | np.float64],
) -> NDArray[np.datetime64]:
    moments = _nothing(texts)
    readable = np.flatnonzero(_matching(texts, pattern))
    numbers = pa.array(texts[readable]).cast(pa.float64()).to_numpy()
    factors = np.broadcast_to(microseconds(numbers), numbers.shape)
    fits = np.abs(numbers * factors) < MAX_MICROSECONDS
    moments[readable[fits]] = np.rint(numbers[fits] * factors[fits]).astype("datetime64[us]")
    # Whole numbers again, exactly: float64 ends at 2**53.
    whole = fits & _matching(texts[readable], "[+-]?[0-9]{16,19}") & (np.abs(numbers) < MAX_INT64)
    exact = texts[readable[whole]].astype("int64").to_numpy()
    moments[readable[whole]] = (exact // np.rint(1 / factors[whole]).astype(np.int64)).astype(
        "datetime64[us]"
    )
    return moments


def _in_utc(texts: pd.Index, time_format: str) -> NDArray[np.datetime64]:
    parsed = pd.to_datetime(texts, format=time_format, errors="coerce", utc=True)
    moments: NDArray[np.datetime64] = parsed.tz_localize(None).to_numpy().astype("datetime64[us]")
    return moments


def _matching(texts: pd.Index, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(texts.str.fullmatch(pattern), dtype=bool)


def _are_ambiguous(texts: pd.Index) -> NDArray[np.bool_]:
    parts = texts.str.extract(f"^{TWO_NUMBERS_AND_A_YEAR}$")
    first, other = (parts[name].astype("float64").to_numpy() for name in ("first", "other"))
    either = (first != other) & (np.maximum(first, other) <= 12)
    ambiguous: NDArray[np.bool_] = either | (parts["year"].str.len() == 2).to_numpy(bool)
    return ambiguous


def _nothing(texts: pd.Index) -> NDArray[np.datetime64]:
    return np.full(len(texts), np.datetime64("NaT", "us"))
