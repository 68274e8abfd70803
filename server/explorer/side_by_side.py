"""One user, or one course, as each model of the live generation sees it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from server.lookup.reasons import reasons_of, sentence
from server.lookup.stored import facts_rows, ranking_for
from server.reading.live_view import LiveGeneration
from shared.kinds import KINDS, Entity, Kind
from shared.records import (
    USER_PROFILE,
    Handle,
    ListRow,
    ModelCard,
    Reason,
    list_section,
)
from shared.records.reasons import WITH_VIEW_TIMES


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
    """What one model lists; `row` is None if it knows nothing of the subject."""

    card: ModelCard
    kind: Kind
    row: ListRow | None
    entries: list[Entry]

    @property
    def courses_named(self) -> set[Handle]:
        """Every course that is listed, or is a reason."""
        named = {entry.handle for entry in self.entries} if self.kind.entry == "course" else set()
        for entry in self.entries:
            if entry.reason and (entry.reason.kind in WITH_VIEW_TIMES):
                named |= {strongest.name for strongest in entry.reason.strongest}
        return named


RECORD_FIELDS = ("subject", "kind", "model_handle", "rank", "entry", "score", "models", "reason")


def records_of(lists: Mapping[Kind, Sequence[Side]], subject: Handle) -> list[dict[str, Any]]:
    """Every entry of every list, as an export has it."""
    return [
        {
            "subject": subject,
            "kind": kind.name,
            "model_handle": side.card.model_handle,
            "rank": rank,
            "entry": entry.handle,
            "score": entry.score,
            "models": entry.models,
            "reason": sentence(entry.reason) if entry.reason else None,
        }
        for kind, sides in lists.items()
        for side in sides
        for rank, entry in enumerate(side.entries, 1)
    ]


def profile_of(live: LiveGeneration, user: Handle) -> Profile | None:
    row = facts_rows(live, USER_PROFILE, [user]).get(user)
    if row is None:
        return None
    return Profile(**{f.name: row.facts[f.name] for f in fields(Profile)})


def sides_of(
    live: LiveGeneration, entity: Entity, subject: Handle, entries: int
) -> dict[Kind, list[Side]]:
    """Each kind of list of this subject, from each model that serves it."""
    cards = live.manifest.served_models
    kinds = [kind for kind in KINDS.values() if kind.subject == entity]
    rows = live.rows(
        [
            (list_section(kind.name, card.model_handle), subject)
            for kind in kinds
            for card in cards
            if kind.name in card.serves and card.is_personal
        ]
    )
    stored = {key[0]: row for key, row in rows.items() if isinstance(row, ListRow)}
    return {
        kind: _sides(live, kind, subject, stored, entries)
        for kind in kinds
        if any(kind.name in card.serves for card in cards)
    }


def entry_overlaps(sides: Sequence[Side]) -> dict[tuple[str, str], float]:
    """Share of entries in common for each two models that list any; in both orders."""
    overlaps = {}
    for first, second in combinations(sides, 2):
        mine, theirs = ({entry.handle for entry in side.entries} for side in (first, second))
        if mine and theirs:
            share = len(mine & theirs) / min(len(mine), len(theirs))
            pair = first.card.model_handle, second.card.model_handle
            overlaps[pair] = overlaps[pair[::-1]] = share
    return overlaps


def _sides(
    live: LiveGeneration,
    kind: Kind,
    subject: Handle,
    stored: dict[str, ListRow],
    entries: int,
) -> list[Side]:
    cards = [card for card in live.manifest.served_models if kind.name in card.serves]
    rows = {
        card.model_handle: stored.get(list_section(kind.name, card.model_handle))
        if card.is_personal
        else ranking_for(live, card.model_handle, [subject]).get(subject)
        for card in cards
    }
    listed_by = Counter(entry for row in rows.values() if row for entry in row.entries[:entries])
    return [
        Side(card, kind, row, _entries(card, row, entries, listed_by) if row else [])
        for card in cards
        for row in [rows[card.model_handle]]
    ]


def _entries(
    card: ModelCard, row: ListRow, entries: int, listed_by: Counter[Handle]
) -> list[Entry]:
    handles, scores = row.entries[:entries], row.scores[:entries]
    # Rules may have put another than the best entry first.
    best = max(scores, default=0)
    reasons = reasons_of(card, row, handles)
    return [
        Entry(handle, score, max(score, 0) / best if best > 0 else 0, reason, listed_by[handle])
        for handle, score, reason in zip(handles, scores, reasons, strict=True)
    ]
