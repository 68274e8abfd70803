"""What the columns of somebody else's interactions mean, as DATA_COLUMNS declares them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from generator.validation.columns import USER_COURSE_VIEWS, Table
from generator.validation.raw_table import RawTable
from generator.validation.values import NUMBER
from shared.errors import DataError, SettingsError

SECONDS_OF_ONE_WEIGHT = 3600
"""An interaction without view time counts as an hour of it, a weight of 4 as four."""

MEANINGS = {
    "user": "user_handle",
    "item": "course_id",
    "weight": "view_time_seconds",
    "time": "view_date",
    **{name: name for name in USER_COURSE_VIEWS.column_names},
}
FORMAT = ("sep", "empty")
SEPARATORS = {"tab": "\t", "space": " ", "comma": ",", "pipe": "|", "semicolon": ";"}
# Seconds since 1970 have 9 or 10 digits between 1973 and 2286; milliseconds three more.
EPOCH = r"(?P<seconds>[0-9]{9,10})(?:[0-9]{3})?(?:\.0*)?"


@dataclass(frozen=True)
class Layout:
    """Column of user_course_views -> the file's own column, and how the file is written."""

    columns: Mapping[str, str]
    weight_is_seconds: bool = True
    separator: str | None = None
    """None: what the file's suffix says."""
    empty: str = ""
    """A text that means: nothing here."""

    @classmethod
    def declared(cls, declared: Mapping[str, str]) -> "Layout":
        """Raises SettingsError for a word that is none of MEANINGS and FORMAT, or said twice."""
        columns: dict[str, str] = {}
        for word, theirs in declared.items():
            if word in FORMAT:
                continue
            if word not in MEANINGS:
                raise SettingsError(
                    f"DATA_COLUMNS has {word}={theirs}, and {word!r} is none of "
                    f"{', '.join([*MEANINGS, *FORMAT])}."
                )
            if MEANINGS[word] in columns or theirs in columns.values():
                raise SettingsError(f"DATA_COLUMNS: {word}={theirs} was said already.")
            columns[MEANINGS[word]] = theirs
        separator = declared.get("sep")
        return cls(
            columns,
            "weight" not in declared,
            SEPARATORS.get(separator, separator) if separator else None,
            declared.get("empty", ""),
        )

    @property
    def by_position(self) -> bool:
        """Columns are numbered from 1, as in a file without a header."""
        return bool(self.columns) and all(name.isdigit() for name in self.columns.values())

    @property
    def theirs(self) -> Table:
        """user_course_views under the file's own names."""
        named = [
            replace(
                column,
                name=self.columns[column.name],
                kind="moment" if column.kind == "date" else column.kind,
            )
            for column in USER_COURSE_VIEWS.columns
            if column.name in self.columns
        ]
        return Table(USER_COURSE_VIEWS.name, tuple(named))

    def as_views(self, raw: RawTable) -> RawTable:
        """Rows under the file's own names -> rows of user_course_views.

        What is not declared is empty, and the view time an hour. Raises DataError if the file
        lacks a declared column, or users or items are not declared.
        """
        self._check(raw)
        frame = pd.DataFrame(
            {name: self._column(raw.frame, name) for name in USER_COURSE_VIEWS.column_names},
            index=raw.frame.index,
        )
        ours = {theirs: name for name, theirs in self.columns.items()}
        declared = {ours[theirs]: kind for theirs, kind in raw.declared.items()}
        names = USER_COURSE_VIEWS.column_names
        return replace(raw, frame=frame, columns_found=names, declared=declared)

    def _check(self, raw: RawTable) -> None:
        for word in ("user", "item"):
            if MEANINGS[word] not in self.columns:
                raise DataError(
                    f"DATA_COLUMNS does not say which column of {raw.source} is the {word}: add "
                    f"{word}=NAME; the columns are {', '.join(raw.columns_found)}."
                )
        for name, theirs in self.columns.items():
            if theirs not in raw.columns_found:
                raise DataError(
                    f"{raw.source} has no column {theirs}, which DATA_COLUMNS says is {name}: "
                    f"found {', '.join(raw.columns_found)}."
                )

    def _column(self, frame: pd.DataFrame, name: str) -> pd.Series | pd.Categorical:
        if name not in self.columns:
            value = str(SECONDS_OF_ONE_WEIGHT) if name == "view_time_seconds" else ""
            return pd.Categorical.from_codes(np.zeros(len(frame), np.int8), categories=[value])
        column = frame[self.columns[name]]
        if self.empty:
            column = _respelled(column, lambda texts: texts.where(texts != self.empty, ""))
        if name == "view_date":
            return _respelled(column, _dates_of_epochs)
        if name == "view_time_seconds" and not self.weight_is_seconds:
            return _respelled(column, _seconds_of_weights)
        return column


def _respelled(column: pd.Series, of_distinct: Callable[[pd.Index], pd.Index]) -> pd.Series:
    """The column with each distinct text replaced; texts that become equal become one."""
    codes, values = pd.factorize(of_distinct(column.cat.categories))
    places = np.asarray(codes, np.int32)[column.cat.codes.to_numpy()]
    respelled = pd.Categorical.from_codes(places, categories=values)
    return pd.Series(respelled, index=column.index, name=column.name)


def _dates_of_epochs(texts: pd.Index) -> pd.Index:
    """Seconds or milliseconds since 1970 -> ISO 8601; if not all are that, all stay as they are."""
    filled = texts[texts != ""]
    if not len(filled) or not filled.str.fullmatch(EPOCH).all():
        return texts
    seconds = filled.str.extract(rf"^{EPOCH}$", expand=False).astype("int64")
    dates = pd.to_datetime(seconds, unit="s").strftime("%Y-%m-%dT%H:%M:%S")
    spelled = texts.to_series(index=range(len(texts)))
    spelled[np.asarray(texts != "", bool)] = dates
    return pd.Index(spelled)


def _seconds_of_weights(texts: pd.Index) -> pd.Index:
    numbers = np.asarray(texts.str.strip().str.fullmatch(NUMBER), bool)
    spelled = texts.to_series(index=range(len(texts)))
    spelled[numbers] = [f"{float(text) * SECONDS_OF_ONE_WEIGHT:.12g}" for text in texts[numbers]]
    return pd.Index(spelled)
