"""What the columns of somebody else's interactions mean, as DATA_COLUMNS declares them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from generator.load.categorical import constant, respelled
from generator.load.delimited.dialect import DIALECT_WORDS, SEPARATORS, Dialect
from generator.load.selection import WORDS, Selection
from generator.load.sources.formats import checked_format
from generator.validation.columns import USER_COURSE_VIEWS, Column, Table
from generator.validation.dates import EPOCH_UNITS, check_time_format
from generator.validation.raw_table import RawTable
from shared.errors import DataError, SettingsError

MEANINGS = {
    "user": "user_handle",
    "item": "course_id",
    "weight": "view_time_seconds",
    "time": "view_date",
    **{name: name for name in USER_COURSE_VIEWS.column_names},
}
FORMAT = ("format", *DIALECT_WORDS, "empty", "time_format", "duplicates")
JOINED_BY = "+"


@dataclass(frozen=True)
class Layout:
    """Column of user_course_views -> the file's own column, and how the file is written."""

    columns: Mapping[str, str]
    weight_is_seconds: bool = True
    dialect: Dialect = field(default_factory=Dialect)
    empty: str = ""
    """A text that means: nothing here."""
    time_format: str = ""
    """How times are written; empty finds out value by value."""
    duplicates: str = ""
    """drop or count."""
    format: str = ""
    """How files are written whose name does not say it."""
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def declared(cls, declared: Mapping[str, str]) -> "Layout":
        """Raises SettingsError for a word that is none of MEANINGS, WORDS and FORMAT, or twice."""
        columns: dict[str, str] = {}
        for word, theirs in declared.items():
            if word in (*FORMAT, *WORDS):
                continue
            if word not in MEANINGS:
                raise SettingsError(
                    f"DATA_COLUMNS has {word}={theirs}, and {word!r} is none of "
                    f"{', '.join([*MEANINGS, *WORDS, *FORMAT])}."
                )
            if MEANINGS[word] in columns or theirs in columns.values():
                raise SettingsError(f"DATA_COLUMNS: {word}={theirs} was said already.")
            columns[MEANINGS[word]] = theirs
        return cls(
            columns,
            "weight" not in declared,
            Dialect.declared(declared),
            declared.get("empty", ""),
            _time_format(declared.get("time_format", "")),
            _duplicates(declared.get("duplicates", "")),
            checked_format(declared.get("format", "")),
            Selection.declared(declared, SEPARATORS),
        )

    @property
    def by_position(self) -> bool:
        """Columns are numbered from 1, as in a file without a header."""
        names = self.columns.values()
        return bool(names) and all(name.replace(JOINED_BY, "").isdigit() for name in names)

    @property
    def declares_view_times(self) -> bool:
        named = "view_time_seconds" in self.columns
        return named and self.weight_is_seconds and not self.selection.event

    @property
    def theirs(self) -> Table:
        """user_course_views under the file's own names."""
        named: dict[str, Column] = {}
        for column in USER_COURSE_VIEWS.columns:
            if column.name in self.columns:
                theirs = self.columns[column.name]
                for name in dict.fromkeys([theirs, *theirs.split(JOINED_BY)]):
                    named.setdefault(name, replace(self._as_declared(column), name=name))
        for column in self.selection.columns:
            named.setdefault(column.name, column)
        return Table(USER_COURSE_VIEWS.name, tuple(named.values()))

    @property
    def repeats_count(self) -> bool:
        """Whether an interaction that is written twice happened twice; in our own tables only if
        that is said."""
        return self.duplicates == "count" or (bool(self.columns) and not self.duplicates)

    def timed(self, columns: Iterable[Column]) -> tuple[Column, ...]:
        """The columns, dates among them with the declared way to write them."""
        return tuple(
            replace(column, time_format=self.time_format) if column.kind == "date" else column
            for column in columns
        )

    def as_views(self, raw: RawTable) -> RawTable:
        """Rows under the file's own names -> rows of user_course_views.

        What is not declared is empty, and counts as a weight of 1. Raises DataError if the file
        lacks a declared column, or users or items are not declared.
        """
        self.check(raw)
        frame = pd.DataFrame(
            {name: self._column(raw.frame, name) for name in USER_COURSE_VIEWS.column_names},
            index=raw.frame.index,
        )
        declared = {
            name: raw.declared[theirs]
            for name, theirs in self.columns.items()
            if theirs in raw.declared
        }
        names = USER_COURSE_VIEWS.column_names
        return replace(
            raw,
            frame=frame,
            columns_found=names,
            known_columns=self.timed(map(self._as_declared, USER_COURSE_VIEWS.columns)),
            repeats_count=self.repeats_count,
            declared=declared,
        )

    def _as_declared(self, column: Column) -> Column:
        """The column under the file's own name; a weight, unless its view times are declared."""
        column = replace(column, label=self.columns.get(column.name, ""))
        if column.kind == "seconds" and not self.declares_view_times:
            return replace(column, kind="weight", may_be_empty=True)
        return column

    def check(self, raw: RawTable) -> None:
        """Raises DataError if users or items are not declared, or a column is not there."""
        for word in ("user", "item"):
            if MEANINGS[word] not in self.columns:
                raise DataError(
                    f"DATA_COLUMNS does not say which column of {raw.source} is the {word}: add "
                    f"{word}=NAME; the columns are {_shown(raw.columns_found)}."
                )
        for name, theirs in self.columns.items():
            if theirs not in raw.columns_found:
                raise DataError(
                    f"{raw.source} has no column {theirs}, which DATA_COLUMNS says is {name}: "
                    f"found {_shown(raw.columns_found)}."
                )
        for column in self.selection.columns:
            if column.name not in raw.columns_found:
                raise DataError(
                    f"{raw.source} has no column {column.name}, which DATA_COLUMNS looks at: "
                    f"found {', '.join(raw.columns_found)}."
                )

    def _column(self, frame: pd.DataFrame, name: str) -> pd.Series | pd.Categorical:
        if name == "view_time_seconds" and self.selection.event:
            return respelled(frame[self.selection.event], self._weights_of_events)
        if name not in self.columns:
            return constant("", len(frame))
        column = frame[self.columns[name]]
        if self.empty:
            return respelled(column, lambda texts: texts.where(texts != self.empty, ""))
        return column

    def _weights_of_events(self, events: pd.Index) -> pd.Index:
        weights = [self.selection.weight_of(event) for event in events.str.strip()]
        return pd.Index([f"{weight:.12g}" for weight in weights], dtype="str")


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(name or f"one without a name: {n}" for n, name in enumerate(names, 1))
    if len(names) == 1:
        return f"{shown} (what separates them may be said: sep=SIGN)"
    if any(name.isdecimal() for name in names):
        return f"{shown} (if the first line is no header: numbers, user=1,item=2)"
    return shown


def _time_format(declared: str) -> str:
    try:
        if declared:
            check_time_format(declared)
    except ValueError as error:
        raise SettingsError(
            f"DATA_COLUMNS: time_format={declared} cannot be understood ({error}): write it as "
            f"strptime has it, such as %d/%m/%Y %H:%M, or as {', '.join(EPOCH_UNITS)}."
        ) from None
    return declared


def _duplicates(declared: str) -> str:
    if declared not in ("", "drop", "count"):
        raise SettingsError(f"DATA_COLUMNS has duplicates={declared}: expected drop or count.")
    return declared
