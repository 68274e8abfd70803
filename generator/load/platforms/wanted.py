"""Columns of an export that matter, whatever their names' case, blanks and prefixes."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from generator.validation.columns import Column, Table
from generator.validation.raw_table import RawTable


def bare(name: str) -> str:
    """`User ID`, `user_id`, `UserId` and `userid` alike."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Wanted(Table):
    """The columns of these bare names, or all; of several that have one name the first."""

    names: tuple[str, ...] | None = None
    named: Callable[[str], str] = bare

    @classmethod
    def of(cls, names: Sequence[str], named: Callable[[str], str]) -> "Wanted":
        return cls("export", (), names=tuple(names), named=named)

    @classmethod
    def all(cls, named: Callable[[str], str]) -> "Wanted":
        return cls("export", (), more_are_attributes=True, named=named)

    def columns_among(self, names: Iterable[str]) -> list[Column]:
        chosen: dict[str, Column] = {}
        for name in names:
            known_as = self.named(name)
            if known_as and (self.names is None or known_as in self.names):
                chosen.setdefault(known_as, Column(name, "attribute", True, True))
        return list(chosen.values())


def with_columns(raw: RawTable, wanted: Wanted) -> RawTable:
    """The table under the bare names."""
    columns = [column.name for column in wanted.columns_among(raw.columns_found)]
    chosen = {name: wanted.named(name) for name in columns if name in raw.frame}
    frame = raw.frame[[*chosen]].rename(columns=chosen)
    return replace(raw, frame=frame, columns_found=[*chosen.values()])
