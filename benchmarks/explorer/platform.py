"""A generation as large as the reference platform's, with all that the explorer reads."""

import random
from collections import Counter
from collections.abc import Iterator

from generator.lists.directory import directory
from shared.records import (
    COURSE_TITLE,
    SEEN_POPULAR,
    USER_PROFILE,
    ActivityGroup,
    Handle,
    ListOverlap,
    ListReasons,
    ListSpread,
    ModelCard,
    UserLists,
)
from shared.stores import Store

TENANT = "default"
MODELS = ("tfidf", "knn", "dnn", "als")
COURSES = 20_000
LIST_LENGTH = 20
EXPLAINED = 10


def publish_platform(store: Store, users: int, seed: int = 1) -> str:
    """Publish lists of four models for the user handles 0 .. users-1; returns the generation."""
    counts: Counter[str] = Counter()

    def counted(rows: Iterator[UserLists]) -> Iterator[UserLists]:
        for row in rows:
            counts[row.model_handle] += 1
            yield row

    with store.lock(TENANT, lease_seconds=3600):
        generation = store.begin(TENANT)
        store.write(TENANT, generation, counted(_rows(users, random.Random(seed))))
        manifest = store.manifest(TENANT, generation)
        manifest.list_counts = dict(counts)
        manifest.default_model_handle = MODELS[0]
        manifest.users, manifest.courses, manifest.example_user_handle = users, COURSES, 1
        manifest.models = [_card(handle, users) for handle in MODELS]
        manifest.activity = [ActivityGroup(0, None, users)]
        manifest.overlaps = [
            ListOverlap(task, one, other, 0.3, 2000)
            for task in ("similar_users", "recommendations")
            for one in MODELS
            for other in MODELS
            if one < other
        ]
        manifest.popular_courses = [course(rank) for rank in range(LIST_LENGTH)]
        manifest.popular_course_scores = [float(LIST_LENGTH - n) for n in range(LIST_LENGTH)]
        store.publish(manifest)
    return generation


def course(index: int) -> str:
    return f"a-course-with-a-name-{index}"


def _card(handle: str, users: int) -> ModelCard:
    spread = ListSpread([place / 20 for place in range(21)], LIST_LENGTH)
    return ModelCard(
        handle,
        handle,
        serves=["similar_users", "recommendations"],
        needs=["views"],
        users=users,
        reason_kinds={"similar_users": "shared_courses", "recommendations": "watched_courses"},
        known_by_activity=[1.0],
        spreads={"similar_users": spread, "recommendations": spread},
        mean_viewers_share=0.1,
    )


def _rows(users: int, chance: random.Random) -> Iterator[UserLists]:
    for user in range(users):
        watched = [chance.randrange(COURSES) for _ in range(10)]
        names: list[Handle] = [course(index) for index in watched]
        seconds = [chance.randrange(60, 10_000) for _ in watched]
        yield from (_lists(user, model, users, names, seconds, chance) for model in MODELS)
        yield UserLists(user, SEEN_POPULAR)
        yield UserLists(
            user,
            USER_PROFILE,
            facts={
                "interests": [f"tag-{chance.randrange(2000)}" for _ in range(30)],
                "interest_count": 30,
                "courses": names,
                "seconds": seconds,
                "course_count": 10,
                "total_seconds": sum(seconds),
                "levels": [["beginner", 6], ["advanced", 4]],
            },
        )
    for index in range(COURSES):
        facts = {"title": f"A course with a title, number {index}"}
        yield UserLists(course(index), COURSE_TITLE, facts=facts)
    yield from directory(range(users))


def _lists(
    user: int,
    model: str,
    users: int,
    watched: list[Handle],
    seconds: list[int],
    chance: random.Random,
) -> UserLists:
    scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
    shared = [[5, 0, 50, 600, 1, 30, 60, 2, 20, 7200]] * EXPLAINED
    carried = [[5, 3, 50, 4, 30, 5, 20]] * EXPLAINED
    return UserLists(
        user,
        model,
        [chance.randrange(users) for _ in range(LIST_LENGTH)],
        scores,
        [course(chance.randrange(COURSES)) for _ in range(LIST_LENGTH)],
        scores,
        ListReasons(watched, seconds, shared),
        ListReasons(watched, seconds, carried),
    )
