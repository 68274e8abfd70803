"""Why an entry is in a list: what the generator found, in words and in numbers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from shared.records import RANKINGS, Handle, ListRow, ModelCard, Reason, ReasonKind, unpacked

Naming = Callable[[ReasonKind, Handle], str]
"""What a tag, word, course or user is called in a sentence."""


def reasons_of(
    card: ModelCard | None, row: ListRow | None, entries: Sequence[Handle]
) -> list[Reason | None]:
    """The reason of each entry of an answer; None where the generator stored none."""
    if card is None or row is None or row.kind == RANKINGS:
        return [None] * len(entries)
    reason_kind = card.reason_kinds.get(row.kind)
    if row.reasons is None or reason_kind is None:
        return [None] * len(entries)
    packed = row.reasons
    # By handle, since an answer may leave out entries of the stored list.
    place_of = {entry: place for place, entry in enumerate(row.entries)}
    return [
        unpacked(reason_kind, packed, place_of[entry]) if entry in place_of else None
        for entry in entries
    ]


def sentence(reason: Reason, called: Naming = lambda _, name: str(name)) -> str:
    """The reason in words, such as "3 shared tags: python, flask, aws"."""
    named = [(called(reason.kind, one.name), one) for one in reason.strongest]
    more = reason.count - len(named)
    match reason.kind:
        case "shared_tags":
            tags = f"{reason.count} shared tag{'s' if reason.count > 1 else ''}"
            return f"{tags}: {', '.join(name for name, _ in named)}{', ...' if more else ''}"
        case "followed_tags":
            followed = ", ".join(name for name, _ in named)
            return f"because you follow {followed}{_and_more(more)}"
        case "shared_words":
            return f"shares: {', '.join(name for name, _ in named)}{', ...' if more else ''}"
        case "shared_assessments":
            assessed = ", ".join(name for name, _ in named)
            return f"about as good at {assessed}{_and_more(more)}"
        case "shared_courses":
            both = [
                f"{name}, {minutes(one.seconds)} and {minutes(one.listed_user_seconds)}"
                if one.seconds is not None
                else name
                for name, one in named
            ]
            return f"both watched {'; '.join(both)}{_and_more(more)}"
        case "watched_courses":
            watched = [
                name if one.seconds is None else f"{name} ({minutes(one.seconds)})"
                for name, one in named
            ]
            return f"because you watched {', '.join(watched)}{_and_more(more)}"
        case "neighbours":
            users = f"{reason.count} user{'s' if reason.count > 1 else ''} like you"
            return f"watched by {users}: {', '.join(name for name, _ in named)}" + (
                ", ..." if more else ""
            )
        case "groups":
            groups = ", ".join(name.rpartition("/")[2] for name, _ in named)
            return f"viewed by others of {groups}{_and_more(more)}"


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
