"""What was found, for people: a table, and a file with a line for each course of a group."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from generator.duplicates.groups import CourseGroups
from shared.errors import SettingsError
from shared.records import Handle

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True)
class Line:
    """One course of a group; the one that stands for the others comes first."""

    group: int
    course: Handle
    title: str
    stands_for: Handle
    similarity: float
    why: str
    tenant: str = ""


def lines_of(
    groups: CourseGroups,
    handles: Sequence[Handle],
    titles: Sequence[str],
    tenants: Sequence[str] = (),
) -> list[Line]:
    """The largest group first, each with a number from 1."""
    by_size = sorted(groups.members.items(), key=lambda group: (-len(group[1]), group[0]))
    return [
        Line(
            number,
            handles[course],
            titles[course],
            handles[standing],
            round(float(groups.similarity[course]), 3),
            groups.why[course],
            tenants[course] if tenants else "",
        )
        for number, (standing, members) in enumerate(by_size, 1)
        for course in [standing, *(other for other in members.tolist() if other != standing)]
    ]


def write_csv(lines: Sequence[Line], path: Path) -> None:
    """Raises SettingsError if the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([field.name for field in fields(Line)])
            writer.writerows([_harmless(value) for value in astuple(line)] for line in lines)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}).") from None


def _harmless(value: object) -> object:
    """The same, but for texts that a spreadsheet would run: those begin with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
