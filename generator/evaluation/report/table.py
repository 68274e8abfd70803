"""A table of a report, and how its numbers are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

from generator.evaluation.assess import Assessment
from generator.evaluation.bootstrap import Interval

NOTHING = "-"


@dataclass(frozen=True)
class Table:
    title: str
    note: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    """The first cell of a row says what it is about."""


def options(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def number(value: float, decimals: int = 4) -> str:
    return NOTHING if isnan(value) else f"{value:.{decimals}f}"


def percent(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:.1%}"


def interval(found: Interval, signed: bool = False) -> str:
    if isnan(found.value):
        return NOTHING
    sign = "+" if signed else ""
    return f"{found.value:{sign}.4f} [{found.low:{sign}.4f}, {found.high:{sign}.4f}]"


def costs(one: Assessment) -> tuple[str, str, str]:
    return f"{one.fit_seconds:.2f}", f"{one.list_seconds:.2f}", f"{one.peak_mb:,.0f}"
