"""What courses are called, read for a whole page at once."""

from collections.abc import Iterable

from server.reading.live_view import LiveGeneration
from server.reasons import Reason, sentence
from shared.records import COURSE_TITLE, Handle, ReasonKind


class Titles:
    def __init__(self, live: LiveGeneration) -> None:
        self._live = live
        self._titles: dict[Handle, str] = {}

    def load(self, courses: Iterable[Handle]) -> None:
        if self._live.manifest.list_counts.get(COURSE_TITLE):
            rows = self._live.lists(COURSE_TITLE, list(courses))
            self._titles = {h: row.facts["title"] for h, row in rows.items() if row.facts}

    def of(self, course: Handle) -> str:
        """The title; the handle if there is none."""
        return self._titles.get(course) or str(course)

    def sentence(self, reason: Reason) -> str:
        return sentence(reason, self._called)

    def _called(self, kind: ReasonKind, name: Handle) -> str:
        return self.of(name) if kind in ("shared_courses", "watched_courses") else str(name)
