"""What a user did since the lists were made, as far as it changes their lists."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from shared.events import Event
from shared.events.event import LEAVES_OUT
from shared.records import Handle, group_key

MOST_GROUPS = 10
"""That a newcomer's list is merged from: those that were named last."""


@dataclass(frozen=True, slots=True)
class Since:
    courses: Set[Handle]
    """That are nothing for the user any more: taken up or dismissed."""
    groups: Sequence[str]
    """That the user is in by what they said of themselves (`group_key`), the last named first."""

    told: bytes
    """The same for the same state: what an answer's ETag has of it."""


def since_of(events: Sequence[Event]) -> Since:
    """events: the user's, the last first."""
    taken = (event.course for event in events if event.kind in LEAVES_OUT)
    groups = dict.fromkeys(group for event in events if (group := _group_of(event)))
    courses = frozenset(course for course in taken if course is not None)
    named = tuple(groups)[:MOST_GROUPS]
    return Since(courses, named, repr((sorted(courses, key=repr), named)).encode())


def courses_of(since: Mapping[Handle, Since], user: Handle) -> Set[Handle]:
    return since[user].courses if user in since else frozenset()


def _group_of(event: Event) -> str:
    if event.kind == "interest":
        return group_key(f"interest/{event.tag}")
    if event.kind == "attribute":
        return group_key(f"segment/{event.attribute}/{event.tag}")
    return ""
