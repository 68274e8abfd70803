"""Courses of a level, with a tag, of an attribute's value: chosen when the list is looked up."""

from collections.abc import Mapping, Set
from typing import Any

from server.lookup.stored import facts_of
from server.reading.live_view import LiveGeneration
from shared.records import Handle

Filter = Mapping[str, Set[str]]
"""level, tag or the name of an attribute -> the values of which a course must have one, in lower
case."""

LISTS = {"level": "levels", "tag": "tags"}
"""What a filter calls them -> what the facts of a course do."""


def passing(live: LiveGeneration, courses: Set[Handle], chosen: Filter) -> set[Handle]:
    """Those of the courses that have one of the values of every facet. Cost: one read for all."""
    facts = facts_of(live, "course", list(courses))
    return {course for course, row in facts.items() if _passes(row.facts, chosen)}


def _passes(facts: Mapping[str, Any], chosen: Filter) -> bool:
    return all(not values.isdisjoint(values_of(facts, facet)) for facet, values in chosen.items())


def values_of(facts: Mapping[str, Any], facet: str) -> list[str]:
    """In lower case what a course has of it."""
    values = facts.get(LISTS[facet]) if facet in LISTS else facts.get("attributes", {}).get(facet)
    listed = values if isinstance(values, list) else [] if values is None else [values]
    return [str(value).casefold() for value in listed]
