"""What is stored of users and courses, in the words of the questions."""

from collections.abc import Sequence, Set

import orjson

from server.reading.live_view import LiveGeneration
from shared.kinds import RECOMMENDATIONS, Entity, Kind
from shared.records import (
    COURSE_FACTS,
    COURSE_VIEWERS,
    SEEN,
    FactsKind,
    FactsRow,
    Handle,
    ListRow,
    ModelCard,
    is_handle,
    list_section,
    trimmed,
)

FACTS_OF = {"user": SEEN, "course": COURSE_FACTS}
"""What every known one has a row of."""


def lists_of(
    live: LiveGeneration, card: ModelCard, kind: Kind, subjects: Sequence[Handle]
) -> dict[Handle, ListRow]:
    """The model's lists of those that it has any for."""
    if not card.is_personal:
        return ranking_for(live, card.model_handle, subjects)
    section = list_section(kind.name, card.model_handle)
    rows = live.rows([(section, subject) for subject in subjects])
    return {row.subject: row for row in rows.values() if isinstance(row, ListRow)}


def ranking_for(
    live: LiveGeneration, model_handle: str, users: Sequence[Handle]
) -> dict[Handle, ListRow]:
    """A list that is the same for everybody, without what each of these known users has seen."""
    ranking = live.manifest.rankings.get(model_handle)
    if ranking is None:
        return {}
    rows = {}
    for user, seen in seen_by(live, users).items():
        unseen = [
            (course, score)
            for course, score in zip(ranking.courses, ranking.scores, strict=True)
            if course not in seen
        ]
        courses, scores = [course for course, _ in unseen], [score for _, score in unseen]
        rows[user] = ListRow(RECOMMENDATIONS.name, user, model_handle, courses, scores)
    return rows


def seen_by(live: LiveGeneration, users: Sequence[Handle]) -> dict[Handle, Set[Handle]]:
    """The courses that each known user has viewed; unknown users are left out."""
    return {
        user: frozenset(facts.facts.get("courses", ()))
        for user, facts in facts_of(live, "user", users).items()
    }


def known_among(live: LiveGeneration, entity: Entity, handles: Sequence[Handle]) -> set[Handle]:
    """Those of whom the generation knows at all: one read, whatever the models know."""
    return set(facts_of(live, entity, handles))


def viewers_of(live: LiveGeneration, course: Handle) -> list[Handle]:
    """Who viewed it last, the latest first; empty where the generation does not keep that."""
    row = facts_rows(live, COURSE_VIEWERS, [course]).get(course)
    return row.facts.get("users", []) if row else []


def course_called(live: LiveGeneration, text: str) -> Handle:
    """The handle that somebody wrote where there are no types: the generation says whether handles
    are numbers."""
    handle: Handle = trimmed(text)
    if live.manifest.course_handle_type == "int":
        try:
            number = orjson.loads(text)
        except orjson.JSONDecodeError:
            return handle
        return number if isinstance(number, int) and is_handle(number) else handle
    return handle


def facts_of(
    live: LiveGeneration, entity: Entity, handles: Sequence[Handle]
) -> dict[Handle, FactsRow]:
    return facts_rows(live, FACTS_OF[entity], handles)


def facts_rows(
    live: LiveGeneration, kind: FactsKind, subjects: Sequence[Handle]
) -> dict[Handle, FactsRow]:
    """Those that are there."""
    rows = live.rows([(kind, subject) for subject in subjects]) if subjects else {}
    return {row.subject: row for row in rows.values() if isinstance(row, FactsRow)}
