"""One user as each model of the live generation sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from server.absence import Task
from server.reading.live_view import LiveGeneration
from server.reasons import Reason, reasons_of
from shared.records import USER_PROFILE, Handle, ModelCard, UserLists


@dataclass(frozen=True, slots=True)
class Profile:
    """What the data says of a user; view times in seconds."""

    interests: list[str]
    interest_count: int
    courses: list[Handle]
    seconds: list[int]
    course_count: int
    total_seconds: int
    levels: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Entry:
    handle: Handle
    score: float
    part: float
    """Of the list's best score, 0 to 1: how long its bar is."""
    reason: Reason | None
    models: int
    """How many models list it."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one model lists; `lists` is None if it knows nothing of the user."""

    card: ModelCard
    lists: UserLists | None
    similar_users: list[Entry]
    courses: list[Entry]

    @property
    def courses_named(self) -> set[Handle]:
        """Every course that is listed, or is a reason."""
        named = {entry.handle for entry in self.courses}
        for entry in (*self.similar_users, *self.courses):
            if entry.reason and entry.reason.kind in ("shared_courses", "watched_courses"):
                named |= {one.name for one in entry.reason.strongest}
        return named


def profile_of(live: LiveGeneration, handle: Handle) -> Profile | None:
    row = live.lists(USER_PROFILE, [handle]).get(handle)
    facts: dict[str, Any] | None = row.facts if row else None
    return Profile(**{f.name: facts[f.name] for f in fields(Profile)}) if facts else None


def sides_of(live: LiveGeneration, handle: Handle, entries: int) -> list[Side]:
    """Each model's lists of this user, in the order of the manifest."""
    cards = live.manifest.served_models
    found = {c.model_handle: live.lists(c.model_handle, [handle]).get(handle) for c in cards}
    listed_by: dict[tuple[Task, Handle], int] = {}
    for known in filter(None, found.values()):
        for task, handles in _listed(known, entries):
            for one in handles:
                listed_by[task, one] = listed_by.get((task, one), 0) + 1
    return [_side(card, found[card.model_handle], entries, listed_by) for card in cards]


def _side(
    card: ModelCard,
    lists: UserLists | None,
    entries: int,
    listed_by: dict[tuple[Task, Handle], int],
) -> Side:
    if lists is None:
        return Side(card, None, [], [])
    similar_users, courses = (
        _entries(task, card, lists, handles, listed_by) for task, handles in _listed(lists, entries)
    )
    return Side(card, lists, similar_users, courses)


def entry_overlaps(sides: Sequence[Side], kind: str) -> dict[tuple[str, str], float]:
    """Share of entries in common for each two models that list any; in both orders."""
    overlaps = {}
    for one, other in combinations(sides, 2):
        mine, yours = ({e.handle for e in getattr(side, kind)} for side in (one, other))
        if mine and yours:
            share = len(mine & yours) / min(len(mine), len(yours))
            pair = one.card.model_handle, other.card.model_handle
            overlaps[pair] = overlaps[pair[::-1]] = share
    return overlaps


def _listed(lists: UserLists, entries: int) -> list[tuple[Task, list[Handle]]]:
    return [
        ("similar_users", lists.similar_users[:entries]),
        ("recommendations", lists.courses[:entries]),
    ]


def _entries(
    task: Task,
    card: ModelCard,
    lists: UserLists,
    handles: list[Handle],
    listed_by: dict[tuple[Task, Handle], int],
) -> list[Entry]:
    scores = lists.similar_user_scores if task == "similar_users" else lists.course_scores
    best = max(scores[0], 0) if scores else 0
    reasons = reasons_of(task, card, lists, handles)
    return [
        Entry(one, score, max(score, 0) / best if best else 0, reason, listed_by[task, one])
        for one, score, reason in zip(handles, scores, reasons, strict=False)
    ]
