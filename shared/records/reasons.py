"""Why an entry is in a list: how reasons are packed into a row, and how they are read again.

A row names each tag, word, course or user once; its entries point at the names by number:

    names    ["python", "flask"]        seconds  [1200, 60]
    entries  [[3,  0, 71, 900,  1, 29, 40],  ...]
               |   `---------'  `-------'
               |   place in names, part of all reasons in per cent, listed user's seconds
               `-- reasons in all, of which at most three are here, strongest first

The last number of each three is there for `shared_courses` alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.records.handles import Handle

ReasonKind = Literal[
    "shared_tags",
    "followed_tags",
    "shared_words",
    "shared_assessments",
    "shared_courses",
    "watched_courses",
    "neighbours",
    "groups",
]
"""Tags that both sides have; the user's own tags that led to it; words in the texts of both, or in
those of what the user viewed and follows; assessments in which both did about as well; courses that
both users viewed; the user's own courses that led to it; the like users who viewed it; groups that
a newcomer is in (`group_key`), by the server alone."""

WITH_VIEW_TIMES: frozenset[ReasonKind] = frozenset({"shared_courses", "watched_courses"})
"""Kinds whose names are courses that the subject viewed: `seconds` stands beside each name."""
WITH_LISTED_VIEW_TIMES: frozenset[ReasonKind] = frozenset({"shared_courses"})
"""Kinds whose entries say how long the listed user viewed each course, too."""

PER_CENT = 100


@dataclass(frozen=True, slots=True)
class ListReasons:
    """Why the first entries of a list are in it, packed; the model's card says of which kind."""

    names: list[Handle]
    """The tags, words, courses or users that are named below, each once."""
    seconds: list[int]
    """Beside each name the subject's own view time; empty unless names are courses they viewed, and
    where view times were not measured."""
    entries: list[list[int]]
    """For each of the first entries its count, then the numbers of its strongest reasons."""


@dataclass(frozen=True, slots=True)
class Strongest:
    """One of the reasons that weigh most."""

    name: Handle
    share: float
    """Its part of all reasons of the entry, 0 to 1."""
    seconds: int | None = None
    """How long the subject viewed it; None if it is no course they viewed."""
    listed_user_seconds: int | None = None
    """How long the listed user viewed it; None if none is listed."""


@dataclass(frozen=True, slots=True)
class Reason:
    kind: ReasonKind
    count: int
    """How many there are in all; `strongest` has at most three of them."""
    strongest: list[Strongest]


def unpacked(kind: ReasonKind, packed: ListReasons, place: int) -> Reason | None:
    """The reason of the entry at `place` of the stored list; None if none is stored."""
    count, *numbers = packed.entries[place] if place < len(packed.entries) else [0]
    return Reason(kind, count, list(_strongest(kind, packed, numbers))) if count else None


def _strongest(
    kind: ReasonKind, packed: ListReasons, numbers: Sequence[int]
) -> Iterator[Strongest]:
    width = 3 if kind in WITH_LISTED_VIEW_TIMES else 2
    for start in range(0, len(numbers), width):
        place, per_cent, *listed_user_seconds = numbers[start : start + width]
        yield Strongest(
            packed.names[place],
            per_cent / PER_CENT,
            packed.seconds[place] if packed.seconds else None,
            # Without measured view times there are none of the listed user either.
            *(listed_user_seconds if packed.seconds else ()),
        )
