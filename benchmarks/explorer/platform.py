"""A generation as large as the reference platform's, with all that the explorer reads."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from generator.lists.directory import directory
from shared.kinds import RECOMMENDATIONS, SIMILAR_USERS
from shared.records import (
    COURSE_DIRECTORY,
    COURSE_FACTS,
    SEEN,
    USER_DIRECTORY,
    USER_PROFILE,
    ActivityGroup,
    FactsRow,
    Handle,
    ListReasons,
    ListRow,
    ListSpread,
    ModelCard,
    ModelOverlap,
    Row,
)
from shared.stores import Store

TENANT = "default"
MODELS = ("tfidf", "knn", "dnn", "als")
COURSES = 20_000
LIST_LENGTH = 20
EXPLAINED = 10
SERVED = (SIMILAR_USERS, RECOMMENDATIONS)


def publish_platform(store: Store, users: int, seed: int = 1) -> str:
    """Publish lists of four models for the user handles 0 .. users-1; returns the generation."""
    counts: Counter[str] = Counter()

    def counted(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            counts[row.section] += 1
            yield row

    with store.lock(TENANT, lease_seconds=3600):
        generation = store.begin(TENANT)
        store.write(TENANT, generation, counted(_rows(users, random.Random(seed))))
        manifest = store.manifest(TENANT, generation)
        manifest.row_counts = dict(counts)
        manifest.default_models = {kind.name: MODELS[0] for kind in SERVED}
        manifest.users, manifest.courses, manifest.example_user_handle = users, COURSES, 1
        manifest.models = [_card(handle, users) for handle in MODELS]
        manifest.activity = [ActivityGroup(0, None, users)]
        manifest.model_overlaps = [
            ModelOverlap(kind.name, first, second, 0.3, 2000)
            for kind in SERVED
            for first, second in combinations(sorted(MODELS), 2)
        ]
        store.publish(manifest)
    return generation


def course(index: int) -> str:
    return f"a-course-with-a-name-{index}"


def _card(handle: str, users: int) -> ModelCard:
    spread = ListSpread([place / 20 for place in range(21)], LIST_LENGTH)
    return ModelCard(
        handle,
        handle,
        serves=[kind.name for kind in SERVED],
        needs=["views"],
        users=users,
        reason_kinds={
            SIMILAR_USERS.name: "shared_courses",
            RECOMMENDATIONS.name: "watched_courses",
        },
        known_by_activity=[1.0],
        spreads={kind.name: spread for kind in SERVED},
        mean_viewers_share=0.1,
    )


def _rows(users: int, chance: random.Random) -> Iterator[Row]:
    for user in range(users):
        watched = [chance.randrange(COURSES) for _ in range(10)]
        names: list[Handle] = [course(index) for index in watched]
        seconds = [chance.randrange(60, 10_000) for _ in watched]
        for model in MODELS:
            yield from _lists(user, model, users, names, seconds, chance)
        yield FactsRow(SEEN, user, {"courses": names})
        yield FactsRow(
            USER_PROFILE,
            user,
            {
                "interests": [f"tag-{chance.randrange(2000)}" for _ in range(30)],
                "interest_count": 30,
                "courses": names,
                "seconds": seconds,
                "course_count": 10,
                "total_seconds": sum(seconds),
                "levels": [["beginner", 6], ["advanced", 4]],
            },
        )
    handles = [course(index) for index in range(COURSES)]
    titles = [f"A course with a title, number {index}" for index in range(COURSES)]
    for handle, title in zip(handles, titles, strict=True):
        yield FactsRow(COURSE_FACTS, handle, {"title": title})
    yield from directory(USER_DIRECTORY, range(users))
    yield from directory(COURSE_DIRECTORY, handles, titles)


def _lists(
    user: int,
    model: str,
    users: int,
    watched: list[Handle],
    seconds: list[int],
    chance: random.Random,
) -> Iterator[ListRow]:
    scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
    shared = [[5, 0, 50, 600, 1, 30, 60, 2, 20, 7200]] * EXPLAINED
    carried = [[5, 3, 50, 4, 30, 5, 20]] * EXPLAINED
    alike: list[Handle] = [chance.randrange(users) for _ in range(LIST_LENGTH)]
    why = ListReasons(watched, seconds, shared)
    yield ListRow(SIMILAR_USERS.name, user, model, alike, scores, why)
    courses: list[Handle] = [course(chance.randrange(COURSES)) for _ in range(LIST_LENGTH)]
    why = ListReasons(watched, seconds, carried)
    yield ListRow(RECOMMENDATIONS.name, user, model, courses, scores, why)
