"""Users and courses in alphabetical order: those that begin with what was typed, or page by page.

The generator has cut the order into pages of up to a thousand (`generator/lists/directory.py`); one
more row says how each begins, so that whatever is asked takes two reads or three, of any number.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

from server.explorer.places import places_before, places_from
from server.lookup.stored import facts_rows
from server.reading.live_view import LiveGeneration
from shared.kinds import Entity
from shared.records import (
    COURSE_DIRECTORY,
    DIRECTORY_START,
    USER_DIRECTORY,
    FactsKind,
    Handle,
    directory_key,
)

SECTIONS: dict[Entity, FactsKind] = {"user": USER_DIRECTORY, "course": COURSE_DIRECTORY}
MOST_PAGES = 5
"""Read for one answer; more only where thousands of handles begin with the same 32 characters."""
ENTRIES_SHOWN = 50
THUMBS = 24
"""Places to jump to, spread evenly over the whole order."""


@dataclass(frozen=True, slots=True)
class Listed:
    handle: Handle
    name: str
    """By which it is in order: a user's handle, a course's title."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a directory a look begins: so many entries behind the beginning of a page."""

    page: int
    offset: int

    def __str__(self) -> str:
        return f"{self.page}.{self.offset}"


@dataclass(frozen=True, slots=True)
class Look:
    """A stretch of a directory."""

    entries: list[Listed]
    before: Place | None
    after: Place | None
    thumbs: list[str]
    """How stretches that lie evenly over the whole order begin."""


class Directory:
    """One entity's directory in one generation."""

    def __init__(self, live: LiveGeneration, entity: Entity) -> None:
        self._live = live
        self._section = SECTIONS[entity]
        self._rows: dict[int, dict[str, Any]] = {}
        start = self._row(DIRECTORY_START)
        self._starts: list[str] = start.get("starts", [])
        self._ends = list(accumulate(start.get("sizes", [])))

    @property
    def can_be_narrowed(self) -> bool:
        """An earlier version did not say how long pages are."""
        return bool(self._ends)

    @property
    def is_there(self) -> bool:
        """Generations without profiles have none."""
        return bool(self._starts)

    def beginning(self, typed: str, most: int) -> list[Listed]:
        """The first `most` whose name begins so; upper and lower case are the same."""
        prefix = typed.casefold()
        found: list[Listed] = []
        first = self._page_before(prefix)
        for number in range(first, min(first + MOST_PAGES, len(self._starts))):
            entries = self._entries(number)
            found += [entry for entry in entries if entry.name.casefold().startswith(prefix)]
            if len(found) >= most or entries[-1].name.casefold()[: len(prefix)] > prefix:
                break
        return found[:most]

    def place_of(self, name: str) -> Place:
        """Where the names begin that are not before this one."""
        key = directory_key(name)
        page = self._page_before(key)
        names = [directory_key(entry.name) for entry in self._entries(page)]
        offset = bisect_left(names, key)
        is_last = page + 1 >= len(self._starts)
        return Place(page, offset) if offset < len(names) or is_last else Place(page + 1, 0)

    def look(self, place: Place) -> Look:
        """What stands there and behind it; the end of the order where the place is beyond it."""
        if not self._starts:
            return Look([], None, None, [])
        page = min(place.page, len(self._starts) - 1)
        offset = min(place.offset, len(self._entries(page)) - 1)
        ahead = list(islice(self._from(page, offset), ENTRIES_SHOWN + 1))
        return Look(
            [entry for _, entry in ahead[:ENTRIES_SHOWN]],
            self._before(page, offset),
            ahead[ENTRIES_SHOWN][0] if len(ahead) > ENTRIES_SHOWN else None,
            self._starts[:: max(1, -(-len(self._starts) // THUMBS))],
        )

    def look_among(self, chosen: int, place: Place) -> Look:
        """The same of those courses whose bit is set in `chosen`; bit 0 is the first of all."""
        page = min(place.page, len(self._ends))
        first = (self._ends[page - 1] if page else 0) + min(place.offset, self._ends[-1])
        ahead = list(islice(places_from(chosen, first), ENTRIES_SHOWN + 1))
        if not ahead:
            ahead = list(islice(places_before(chosen, self._ends[-1]), ENTRIES_SHOWN))[::-1]
        behind = list(islice(places_before(chosen, ahead[0]), ENTRIES_SHOWN)) if ahead else []
        return Look(
            self._at([self._place(number) for number in ahead[:ENTRIES_SHOWN]]),
            self._place(behind[-1]) if behind else None,
            self._place(ahead[ENTRIES_SHOWN]) if len(ahead) > ENTRIES_SHOWN else None,
            [],
        )

    def _place(self, number: int) -> Place:
        page = bisect_right(self._ends, number)
        return Place(page, number - (self._ends[page - 1] if page else 0))

    def _at(self, places: Sequence[Place]) -> list[Listed]:
        """One read, of as many pages as there are places."""
        self._read({place.page for place in places})
        return [_listed(self._row(place.page), place.offset) for place in places]

    def _from(self, page: int, offset: int) -> Iterator[tuple[Place, Listed]]:
        for number in range(page, len(self._starts)):
            for at, entry in enumerate(self._entries(number)):
                if number > page or at >= offset:
                    yield Place(number, at), entry

    def _before(self, page: int, offset: int) -> Place | None:
        if page == offset == 0:
            return None
        back = offset - ENTRIES_SHOWN
        while back < 0 and page > 0:
            page -= 1
            back += len(self._entries(page))
        return Place(page, max(back, 0))

    def _page_before(self, key: str) -> int:
        """The page before the first that starts at or after the key may hold it too."""
        return max(bisect_left(self._starts, key[: len(directory_key(key))]) - 1, 0)

    def _entries(self, page: int) -> list[Listed]:
        row = self._row(page)
        return [_listed(row, offset) for offset in range(len(row.get("handles", [])))]

    def _row(self, page: int) -> dict[str, Any]:
        self._read({page})
        return self._rows[page]

    def _read(self, pages: set[int]) -> None:
        missing = sorted(pages - self._rows.keys())
        read = facts_rows(self._live, self._section, missing)
        self._rows |= {page: read[page].facts if page in read else {} for page in missing}


def _listed(row: dict[str, Any], offset: int) -> Listed:
    handle = row["handles"][offset]
    return Listed(handle, row["titles"][offset] if "titles" in row else str(handle))
