"""A store with lists of random users, as large as the lists of a middling platform."""

import random
from collections.abc import Iterator

from shared.kinds import RECOMMENDATIONS, SIMILAR_USERS
from shared.records import SEEN, FactsRow, ListRow, ModelCard, Row, list_section
from shared.stores import Store

MODEL_HANDLE = "tfidf_user_interest"
TENANT = "default"
LIST_LENGTH = 20
SERVED = (SIMILAR_USERS, RECOMMENDATIONS)
SECTION = list_section(SIMILAR_USERS.name, MODEL_HANDLE)


def publish_random_lists(store: Store, users: int, seed: int = 1) -> str:
    """Publish a generation for the user handles 0 .. users-1; returns its id."""
    with store.lock(TENANT, lease_seconds=600):
        generation = store.begin(TENANT)
        store.write(TENANT, generation, _rows(users, seed))
        manifest = store.manifest(TENANT, generation)
        manifest.default_models = {kind.name: MODEL_HANDLE for kind in SERVED}
        manifest.users = users
        manifest.row_counts = {list_section(kind.name, MODEL_HANDLE): users for kind in SERVED}
        manifest.row_counts[SEEN] = users
        manifest.models = [
            ModelCard(
                MODEL_HANDLE,
                "Interests",
                serves=[kind.name for kind in SERVED],
                needs=["interests"],
                users=users,
            )
        ]
        store.publish(manifest)
    return generation


def _rows(users: int, seed: int) -> Iterator[Row]:
    chance = random.Random(seed)
    for user in range(users):
        scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
        alike = [chance.randrange(users) for _ in range(LIST_LENGTH)]
        yield ListRow(SIMILAR_USERS.name, user, MODEL_HANDLE, [*alike], scores)
        courses = [f"course-{chance.randrange(100_000)}" for _ in range(LIST_LENGTH)]
        yield ListRow(RECOMMENDATIONS.name, user, MODEL_HANDLE, [*courses], scores)
        yield FactsRow(SEEN, user, {"courses": []})
