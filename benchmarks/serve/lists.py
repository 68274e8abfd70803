"""A store with lists of random users, as large as the lists of a middling platform."""

import random
from collections.abc import Iterator

from shared.records import SEEN_POPULAR, ModelCard, UserLists
from shared.stores import Store

MODEL_HANDLE = "tfidf_user_interest"
TENANT = "default"
LIST_LENGTH = 20


def publish_random_lists(store: Store, users: int, seed: int = 1) -> str:
    """Publish a generation for the user handles 0 .. users-1; returns its id."""
    with store.lock(TENANT, lease_seconds=600):
        generation = store.begin(TENANT)
        store.write(TENANT, generation, _lists(users, seed))
        manifest = store.manifest(TENANT, generation)
        manifest.default_model_handle = MODEL_HANDLE
        manifest.users = users
        manifest.popular_courses = [f"popular-{rank}" for rank in range(LIST_LENGTH)]
        manifest.popular_course_scores = [1.0 - 0.01 * rank for rank in range(LIST_LENGTH)]
        manifest.list_counts = {MODEL_HANDLE: users, SEEN_POPULAR: users}
        manifest.models = [
            ModelCard(
                MODEL_HANDLE,
                "Interests",
                serves=["similar_users", "recommendations"],
                needs=["interests"],
                users=users,
            )
        ]
        store.publish(manifest)
    return generation


def _lists(users: int, seed: int) -> Iterator[UserLists]:
    chance = random.Random(seed)
    for user in range(users):
        scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
        yield UserLists(
            user,
            MODEL_HANDLE,
            similar_users=[chance.randrange(users) for _ in range(LIST_LENGTH)],
            similar_user_scores=scores,
            courses=[f"course-{chance.randrange(100_000)}" for _ in range(LIST_LENGTH)],
            course_scores=scores,
        )
    for user in range(users):
        yield UserLists(user, SEEN_POPULAR)
