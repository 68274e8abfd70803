"""What courses are called, read for a whole page at once."""

from collections.abc import Iterable

from server.lookup.reasons import sentence
from server.lookup.stored import facts_of
from server.reading.live_view import LiveGeneration
from shared.records import COURSE_FACTS, Handle, Reason, ReasonKind
from shared.records.reasons import WITH_VIEW_TIMES


class Titles:
    def __init__(self, live: LiveGeneration) -> None:
        self._live = live
        self._titles: dict[Handle, str] = {}

    def load(self, courses: Iterable[Handle]) -> None:
        if self._live.manifest.row_counts.get(COURSE_FACTS):
            facts = facts_of(self._live, "course", list(courses))
            self._titles = {h: t for h, row in facts.items() if (t := row.facts.get("title"))}

    def of(self, course: Handle) -> str:
        """The title; the handle if there is none."""
        return self._titles.get(course) or str(course)

    def sentence(self, reason: Reason) -> str:
        return sentence(reason, self._called)

    def _called(self, kind: ReasonKind, name: Handle) -> str:
        return self.of(name) if kind in WITH_VIEW_TIMES else str(name)
