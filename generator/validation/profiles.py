"""What users said of themselves, as further rows of the table `users`."""

from collections.abc import Iterable

import pandas as pd

from generator.validation.absent_columns import with_all_columns
from generator.validation.columns import TABLES
from generator.validation.raw_table import DeclaredType
from generator.validation.typed_rows import categorical, joined
from generator.validation.values import fold
from shared.events import Event
from shared.records import Handle

USERS = "users"
BETWEEN_VALUES = "|"


class Profiles:
    """Rows to come, one for what a user said at a moment."""

    def __init__(self, table: pd.DataFrame | None) -> None:
        """The attributes that the table has columns for count, and no others: callers could else
        make as many columns as they like."""
        self._table = with_all_columns(table, USERS)
        self._columns = {
            column.name.casefold(): column.name
            for column in TABLES[USERS].columns_among(self._table)
            if column.kind == "attribute"
        }
        self.rows: dict[tuple[Handle, str], dict[str, list[str]]] = {}
        """(user, moment) -> column -> values."""

    def add(self, event: Event) -> bool:
        """False if there is no such column."""
        column = self._columns.get((event.attribute or "").casefold())
        if column is not None:
            said_at(self.rows, event, column)
        return column is not None

    def appended(self, user_type: DeclaredType) -> pd.DataFrame:
        """The table with the rows, by moment, since the last row of a user counts."""
        rows = dict(sorted(self.rows.items(), key=lambda item: item[0][1]))
        dtype = "int64" if user_type == "int" else "str"
        columns = {"user_handle": categorical(pd.Index([user for user, _ in rows], dtype=dtype))}
        for name in self._columns.values():
            said = [written(row[name]) if name in row else None for row in rows.values()]
            columns[name] = categorical(fold(pd.Index(said, dtype="str")))
        more = pd.DataFrame(columns)
        return pd.DataFrame({name: joined(self._table[name], more[name]) for name in self._table})


def said_at(rows: dict[tuple[Handle, str], dict[str, list[str]]], event: Event, name: str) -> None:
    """Put what a user said under their handle and the moment."""
    row = rows.setdefault((event.user, event.at), {})
    row.setdefault(name, []).append(event.tag or "")


def written(values: list[str]) -> str:
    return BETWEEN_VALUES.join(values)


def as_table(events: Iterable[Event]) -> pd.DataFrame:
    """What was said, in columns of its names, as a file has it."""
    rows: dict[tuple[Handle, str], dict[str, list[str]]] = {}
    for event in events:
        said_at(rows, event, event.attribute or "")
    return pd.DataFrame(
        [
            {"user_handle": user} | {name: written(values) for name, values in row.items()}
            for (user, _), row in rows.items()
        ]
    )
