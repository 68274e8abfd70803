"""Which rows of somebody else's interactions count and how much, as DATA_COLUMNS declares it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.tags import SPLIT
from generator.validation.columns import Column
from generator.validation.raw_table import RawTable
from generator.validation.values import numbers, spread
from shared.errors import SettingsError

WORDS = ("where", "weights", "positive_from", "tags", "split")
ANY_OTHER = "*"


@dataclass(frozen=True)
class Selection:
    """The words that look at further columns, each named as in the file."""

    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Column -> the values that it may have."""
    event: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Value of the column `event` -> what such an event counts; ANY_OTHER for the others."""
    rating: str = ""
    positive_from: float = 0.0
    """The least value of the column `rating` that counts."""
    tags: str = ""
    split: str = SPLIT

    @classmethod
    def declared(cls, declared: Mapping[str, str], separators: Mapping[str, str]) -> "Selection":
        """Raises SettingsError if one of WORDS makes no sense."""
        event, weights = _weights(declared.get("weights", ""))
        rating, least = _threshold(declared.get("positive_from", ""), declared.get("weight", ""))
        split = declared.get("split", SPLIT)
        if event and "weight" in declared:
            raise SettingsError("DATA_COLUMNS has both weight and weights: keep one of the two.")
        if "split" in declared and "tags" not in declared:
            raise SettingsError("DATA_COLUMNS has split, but not the tags that are to be split.")
        return cls(
            _where(declared.get("where", "")),
            event,
            weights,
            rating,
            least,
            declared.get("tags", ""),
            separators.get(split, split),
        )

    @property
    def columns(self) -> list[Column]:
        """What has to be read of the file for it."""
        names = dict.fromkeys([*self.where, self.event, self.tags, self.rating])
        return [Column(name, "attribute", True) for name in names if name]

    def of(self, raw: RawTable) -> tuple[RawTable, RawTable | None]:
        """The rows that count, and those that are rated too low to.

        Rows that do not count are `left_out` of the first.
        """
        for column, allowed in self.where.items():
            raw = without(raw, *_has_none_of(raw, column, allowed))
        if self.event and ANY_OTHER not in self.weights:
            raw = without(raw, *_has_none_of(raw, self.event, self.weights))
        if not self.rating:
            return raw, None
        unrated = ~np.isfinite(numbers(raw.frame[self.rating]))
        raw = without(raw, unrated, f"whose {self.rating} is empty or no number")
        low = numbers(raw.frame[self.rating]) < self.positive_from
        why = f"whose {self.rating} is below {self.positive_from:g}"
        unliked = replace(rows_of(raw, low), left_out={}, malformed=raw.malformed.iloc[:0])
        return without(raw, low, f"{why} (kept as reviews)"), unliked

    def weight_of(self, event: str) -> float:
        return self.weights.get(event, self.weights.get(ANY_OTHER, 0.0))


def without(raw: RawTable, unfit: NDArray[np.bool_], why: str) -> RawTable:
    """Without the rows that are unfit, which are left out for this reason."""
    if not unfit.any():
        return raw
    left_out = {**raw.left_out, why: raw.left_out.get(why, 0) + int(unfit.sum())}
    return replace(rows_of(raw, ~unfit), left_out=left_out)


def rows_of(raw: RawTable, chosen: NDArray[np.bool_]) -> RawTable:
    places = None if raw.part_of_row is None else raw.part_of_row[chosen]
    frame: pd.DataFrame = raw.frame[chosen]
    return replace(raw, frame=frame, part_of_row=places)


def _has_none_of(
    raw: RawTable, column: str, values: Iterable[str]
) -> tuple[NDArray[np.bool_], str]:
    """Which rows do not, and what is to be said of them."""
    shown = " or ".join(value or "empty" for value in sorted(values))
    unfit = ~spread(raw.frame[column], lambda texts: texts.isin([*values])).astype(bool)
    return unfit, f"whose {column} is not {shown}"


def _where(text: str) -> dict[str, frozenset[str]]:
    """`status:active|done&country:DE` -> column -> values."""
    allowed = {}
    for condition in filter(None, text.split("&")):
        column, colon, values = condition.partition(":")
        if not column.strip() or not colon:
            raise SettingsError(
                f"DATA_COLUMNS has where={text}: expected where=COLUMN:VALUE|VALUE, and & before "
                "a further column."
            )
        allowed[column.strip()] = frozenset(value.strip() for value in values.split("|"))
    return allowed


def _weights(text: str) -> tuple[str, dict[str, float]]:
    """`event:view=1|purchase=5` -> the column, and what each of its values counts."""
    if not text:
        return "", {}
    column, _, pairs = text.partition(":")
    try:
        weights = {
            value.strip(): float(weight)
            for value, _, weight in (pair.rpartition("=") for pair in pairs.split("|"))
        }
    except ValueError:
        weights = {}
    if not column.strip() or not weights or not all(0 <= w < np.inf for w in weights.values()):
        raise SettingsError(
            f"DATA_COLUMNS has weights={text}: expected weights=COLUMN:VALUE=NUMBER|VALUE=NUMBER, "
            f"no number below 0; {ANY_OTHER} stands for any other value."
        )
    return column.strip(), weights


def _threshold(text: str, weight: str) -> tuple[str, float]:
    """`rating:4`, or `4` of the column that is the weight."""
    if not text:
        return "", 0.0
    column, _, least = text.rpartition(":")
    column = column.strip() or weight
    try:
        if column:
            return column, float(least)
    except ValueError:
        pass
    raise SettingsError(
        f"DATA_COLUMNS has positive_from={text}: expected positive_from=COLUMN:NUMBER, or the "
        "number alone if a column is declared as weight."
    )
