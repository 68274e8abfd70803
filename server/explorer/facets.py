"""What courses can be chosen by: tags, levels, attributes, with how many courses each leaves.

Several values of one facet are alternatives, and every facet that is asked for must be met: what
`filter` means in a request. Words of titles must all be there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from server.explorer.places import places_of
from server.lookup.course_filter import values_of
from server.lookup.stored import facts_rows
from server.reading.live_view import LiveGeneration
from shared.records import (
    COURSE_FACETS,
    FACETS_START,
    TITLE_WORD,
    group_key,
    is_handle,
    title_words,
)

MOST_CHOSEN = 20
VALUES_COUNTED = 30
"""Of a facet: the commonest of all courses, and as many that the courses on the page have."""


@dataclass(frozen=True, slots=True)
class Value:
    key: str
    """``tag/python``, as an address has it."""
    label: str
    courses: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    values: list[Value]
    """Those with the most courses first, chosen ones in any case."""
    different: int
    """Values in all."""


class Facets:
    """Of one generation, with the values that were asked for."""

    def __init__(self, live: LiveGeneration, asked: Iterable[str]) -> None:
        self._live = live
        start = facts_rows(live, COURSE_FACETS, [FACETS_START]).get(FACETS_START)
        self.find_words = start is not None
        """Are words of titles kept, too?"""
        self._heads: list[dict[str, Any]] = start.facts["facets"] if start else []
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._places: dict[str, int] = {}
        keys = (group_key(key) for key in asked if "/" in key)
        self.keys = [key for key in dict.fromkeys(keys) if is_handle(key)][:MOST_CHOSEN]
        self._read(self.keys)

    @property
    def names(self) -> list[str]:
        return [head["name"] for head in self._heads]

    @property
    def are_there(self) -> bool:
        """Generations without profiles have none, and nor have those of earlier versions."""
        return bool(self._heads)

    @property
    def chosen(self) -> int | None:
        """The courses that are left, a bit each; None while nothing was asked for."""
        return self._met(self.keys)

    @property
    def asked(self) -> list[Value]:
        """What was asked for; a value that no course has leaves none."""
        return [self._value(key, key.partition("/")[2], None) for key in self.keys]

    def counted(self, on_the_page: Iterable[Mapping[str, Any]]) -> list[Facet]:
        """How many courses each value would leave beside what other facets ask for.

        `on_the_page`: facts of courses that are left; what these have is counted, too.
        """
        courses = list(on_the_page)
        return [self._facet(head, courses) for head in self._heads]

    def _facet(self, head: Mapping[str, Any], courses: Sequence[Mapping[str, Any]]) -> Facet:
        name: str = head["name"]
        labels = {group_key(f"{name}/{label}"): label for label, _ in head["most"][:VALUES_COUNTED]}
        known = {group_key(f"{name}/{label}"): count for label, count in head["most"]}
        here = [key for key in self.keys if self._name_of(key) == name]
        others = self._met([key for key in self.keys if key not in here])
        if others is not None:
            labels = _seen(name, courses) | labels
            self._read(labels)
        labels |= {key: key.partition("/")[2] for key in here if key not in labels}
        values = [self._value(key, label, others, known.get(key)) for key, label in labels.items()]
        listed = [value for value in values if value.courses or value.is_chosen]
        listed.sort(key=lambda value: (-value.courses, value.label))
        return Facet(name, listed, head["values"])

    def _value(self, key: str, label: str, among: int | None, known: int | None = None) -> Value:
        row = self._rows.get(key, {})
        if among is not None:
            courses = (self._places_of(key) & among).bit_count()
        else:
            courses = row.get("courses", known or 0)
        return Value(key, row.get("label", label), courses, key in self.keys)

    def _met(self, keys: Sequence[str]) -> int | None:
        by_facet: dict[str, list[int]] = {}
        for key in keys:
            name = self._name_of(key)
            alternatives = by_facet.setdefault(key if name == TITLE_WORD else name, [])
            alternatives.append(self._places_of(key))
        met = [reduce(or_, places) for places in by_facet.values()]
        return reduce(and_, met) if met else None

    def _name_of(self, key: str) -> str:
        """The facet's own spelling where there is one of that name."""
        name = key.partition("/")[0]
        return next((h["name"] for h in self._heads if group_key(h["name"]) == name), name)

    def _places_of(self, key: str) -> int:
        if key not in self._places:
            row = self._rows.get(key)
            self._places[key] = places_of(row) if row else 0
        return self._places[key]

    def _read(self, keys: Iterable[str]) -> None:
        read = facts_rows(self._live, COURSE_FACETS, [key for key in keys if key not in self._rows])
        self._rows |= {str(key): row.facts for key, row in read.items()}


def _seen(facet: str, courses: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Key -> label of the values that most of these courses have."""
    seen = Counter(label for facts in courses for label in values_of(facts, facet))
    return {group_key(f"{facet}/{label}"): label for label, _ in seen.most_common(VALUES_COUNTED)}


def keys_of_words(typed: str) -> list[str]:
    """What chooses the courses whose titles have all of these words."""
    return [f"{TITLE_WORD}/{word}" for word in title_words(typed)]
