"""Why an entry is in a list: what the generator found, in words and in numbers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.absence import Task
from shared.records import Handle, ListReasons, ModelCard, ReasonKind, UserLists

Naming = Callable[[ReasonKind, Handle], str]
"""What a tag, course or user is called in a sentence."""


@dataclass(frozen=True, slots=True)
class Strongest:
    """One of the reasons that weigh most."""

    name: Handle
    share: float
    """Its part of all reasons of the entry, 0 to 1."""
    seconds: int | None = None
    """How long the user viewed it; None if it is no course."""
    listed_user_seconds: int | None = None
    """How long the listed user viewed it; None if none is listed."""


@dataclass(frozen=True, slots=True)
class Reason:
    kind: ReasonKind
    count: int
    """How many there are in all; `strongest` has at most three of them."""
    strongest: list[Strongest]


def reasons_of(
    task: Task, card: ModelCard | None, lists: UserLists | None, entries: Sequence[Handle]
) -> list[Reason | None]:
    """The reason of each entry of an answer; None where the generator stored none."""
    kind = card.reason_kinds.get(task) if card else None
    stored, listed = None, list[Handle]()
    if lists is not None and task == "similar_users":
        stored, listed = lists.similar_user_reasons, lists.similar_users
    elif lists is not None:
        stored, listed = lists.course_reasons, lists.courses
    if kind is None or stored is None:
        return [None] * len(entries)
    # By handle, since an answer may leave out entries of the stored list.
    found = dict(zip(listed, stored.entries, strict=False))
    return [_reason(kind, stored, found.get(entry, [0])) for entry in entries]


def sentence(reason: Reason, called: Naming = lambda _, name: str(name)) -> str:
    """The reason in words, such as "3 shared tags: python, flask, aws"."""
    named = [(called(reason.kind, one.name), one) for one in reason.strongest]
    more = reason.count - len(named)
    match reason.kind:
        case "shared_tags":
            tags = f"{reason.count} shared tag{'s' if reason.count > 1 else ''}"
            return f"{tags}: {', '.join(name for name, _ in named)}{', ...' if more else ''}"
        case "shared_courses":
            both = [
                f"{name}, {minutes(one.seconds)} and {minutes(one.listed_user_seconds)}"
                for name, one in named
            ]
            return f"both watched {'; '.join(both)}{_and_more(more)}"
        case "watched_courses":
            watched = [f"{name} ({minutes(one.seconds)})" for name, one in named]
            return f"because you watched {', '.join(watched)}{_and_more(more)}"
        case "neighbours":
            users = f"{reason.count} user{'s' if reason.count > 1 else ''} like you"
            return f"watched by {users}: {', '.join(name for name, _ in named)}" + (
                ", ..." if more else ""
            )


def in_words(reason: Reason) -> dict[str, Any]:
    """The reason as answers give it."""
    return {
        "kind": reason.kind,
        "sentence": sentence(reason),
        "count": reason.count,
        "strongest": [
            {name: value for name, value in asdict(one).items() if value is not None}
            for one in reason.strongest
        ],
    }


def minutes(seconds: int | None) -> str:
    """A view time as people say it: 40 s, 41 min, 2 h 5 min."""
    if seconds is None:
        return "?"
    if seconds < 60:
        return f"{seconds} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _and_more(more: int) -> str:
    return f", and {more} more" if more else ""


def _reason(kind: ReasonKind, stored: ListReasons, entry: Sequence[int]) -> Reason | None:
    count, *numbers = entry
    if not count:
        return None
    return Reason(kind, count, list(_strongest(kind, stored, numbers)))


def _strongest(
    kind: ReasonKind, stored: ListReasons, numbers: Sequence[int]
) -> Iterator[Strongest]:
    width = 3 if kind == "shared_courses" else 2
    for start in range(0, len(numbers), width):
        place, per_cent, *listed_user_seconds = numbers[start : start + width]
        yield Strongest(
            stored.names[place],
            per_cent / 100,
            stored.seconds[place] if stored.seconds else None,
            *listed_user_seconds,
        )
