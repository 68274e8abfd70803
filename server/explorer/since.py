"""What a user did since the tables, and how their recommendations changed by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from server.explorer.answered import Answered
from shared.events import Event
from shared.kinds import RECOMMENDATIONS
from shared.records import Handle

EVENTS = 20
SECONDS = len("2026-12-01T00:00:00")


@dataclass(frozen=True, slots=True)
class SinceTheTables:
    events: Sequence[Event]
    """The latest, the last to arrive first."""
    left: Sequence[Handle]
    """Courses that the night's recommendations had."""
    came: Sequence[Handle]
    before: Sequence[Handle]
    """The night's recommendations, as far as they are answered."""
    now: Sequence[Handle]
    is_followed: bool
    """Whether they were made after the last event."""

    @classmethod
    def of(
        cls, events: Sequence[Event], night: Sequence[Answered], now: Sequence[Answered]
    ) -> Self:
        """night, now: what is answered without what was done since, and with it."""
        before, after = _courses(night), _courses(now)
        return cls(
            events,
            [course for course in before if course not in after],
            [course for course in after if course not in before],
            before,
            after,
            _made_at(now) >= events[0].at[:SECONDS] if events else True,
        )

    @property
    def courses_named(self) -> set[Handle]:
        done = {event.course for event in self.events if event.course is not None}
        return done | {*self.left, *self.came}


def _made_at(answers: Sequence[Answered]) -> str:
    """To the second; "" of lists of the night."""
    times = (a.answer.refreshed_at for a in answers if a.kind is RECOMMENDATIONS and a.answer)
    return next(times, "")[:SECONDS]


def _courses(answers: Sequence[Answered]) -> list[Handle]:
    return [
        course
        for answered in answers
        if answered.kind is RECOMMENDATIONS and answered.answer
        for course in answered.answer.entries
    ]
