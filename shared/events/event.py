"""One thing that a learner did or that was said, as it came in and as the log keeps it."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from shared.records import Handle

InteractionKind = Literal["view", "completion", "rating", "interest", "dismissal"]
EventKind = Literal["view", "completion", "rating", "interest", "dismissal", "attribute", "course"]
COURSE: Final = "course"
"""What a course is, said by whoever offers it."""
NOBODY: Handle = ""
"""The user of what no user did; nobody has an empty handle."""
ABOUT_COURSES = frozenset({"view", "completion", "rating", "dismissal"})
TAKES_UP = frozenset({"view", "completion", "rating"})
"""Kinds by which a course is seen: it is not recommended any more."""
LEAVES_OUT = TAKES_UP | {"dismissal"}
"""Kinds after which a course is not recommended."""


class Description(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the table `courses` has of one, and its tags."""

    title: str = ""
    description: str = ""
    image_path: str = ""
    available_until: str = ""
    """ISO 8601 in UTC, to the microsecond."""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Sequence[str]] = {}


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Absent fields are None, and not stored."""

    event_id: str
    """Made by the sender; the same one again changes nothing."""
    kind: EventKind
    user: Handle
    at: str
    """When it happened: ISO 8601 in UTC, to the microsecond."""
    course: Handle | None = None
    """Of all kinds but interest and attribute."""
    tag: str | None = None
    """Of interest; of attribute its value."""
    seconds: float | None = None
    """Of view: how long."""
    value: float | None = None
    """Of rating."""
    answer_id: str | None = None
    """Which answer led to it."""
    attribute: str | None = None
    """Of attribute: what the user said of themselves, such as role."""
    described: Description | None = None
    """Of course."""

    def to_json(self) -> bytes:
        return _encode(self)


_encode = msgspec.json.Encoder().encode
read_event = msgspec.json.Decoder(Event).decode
"""The event of a stored text. Raises ValueError if it is none."""
