"""A generation as large as the reference platform's, with all that the explorer reads."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from generator.lists.directory import alphabetical, directory
from generator.lists.facets import Labels, facet_rows, word_rows
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
COURSES = 395_000
TAGS = 2_000
LEVELS = ("beginner", "intermediate", "advanced")
LANGUAGES = ("en", "en", "en", "de", "fr", "es")
PROVIDERS = 300
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
    yield from _courses(chance)
    yield from directory(USER_DIRECTORY, range(users))


def _courses(chance: random.Random) -> Iterator[Row]:
    handles = [course(index) for index in range(COURSES)]
    titles = [f"A course with a title, number {index}" for index in range(COURSES)]
    tags = [_tags(chance) for _ in handles]
    levels = [[chance.randrange(len(LEVELS))] for _ in handles]
    languages = [[chance.randrange(len(LANGUAGES))] for _ in handles]
    providers = [[chance.randrange(PROVIDERS)] for _ in handles]
    for number, (handle, title) in enumerate(zip(handles, titles, strict=True)):
        facts: dict[str, object] = {
            "title": title,
            "tags": [f"tag-{tag}" for tag in tags[number]],
            "levels": [LEVELS[level] for level in levels[number]],
            "viewers": 3,
            "attributes": {
                "language": [LANGUAGES[language] for language in languages[number]],
                "provider": [f"provider-{provider}" for provider in providers[number]],
            },
        }
        yield FactsRow(COURSE_FACTS, handle, facts)
    yield from directory(COURSE_DIRECTORY, handles, titles)
    labels = {
        "tag": Labels(_matrix(tags, TAGS), [f"tag-{tag}" for tag in range(TAGS)]),
        "level": Labels(_matrix(levels, len(LEVELS)), LEVELS),
        "language": Labels(_matrix(languages, len(LANGUAGES)), LANGUAGES),
        "provider": Labels(
            _matrix(providers, PROVIDERS), [f"provider-{number}" for number in range(PROVIDERS)]
        ),
    }
    order = alphabetical(handles, titles)
    yield from facet_rows(labels, np.array(order))
    yield from word_rows(titles[row] for row in order)


def _tags(chance: random.Random) -> list[int]:
    """Three, the first few far more often than the others."""
    return sorted({int(TAGS * chance.random() ** 3) for _ in range(3)})


def _matrix(of_courses: Sequence[Sequence[int]], labels: int) -> sp.csr_matrix:
    columns = np.fromiter((label for of_one in of_courses for label in of_one), np.int64)
    ends = np.cumsum([0, *map(len, of_courses)])
    return sp.csr_matrix((np.ones(len(columns)), columns, ends), (len(of_courses), labels))


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
