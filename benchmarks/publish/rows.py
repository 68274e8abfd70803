"""Lists of random users, made beforehand, so that writing them is all that is timed."""

import random

from shared.kinds import RECOMMENDATIONS, SIMILAR_USERS
from shared.records import ListRow

MODEL_HANDLE = "tfidf_user_interest"
LIST_LENGTH = 20


def random_lists(users: int, seed: int = 1) -> list[ListRow]:
    """Both lists of each user, about 1 KB as JSON together."""
    chance = random.Random(seed)
    handles = range(1, users + 1)
    courses = [f"course-{number}" for number in range(10_000)]
    scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
    return [
        ListRow(kind.name, user, MODEL_HANDLE, chance.choices(entries, k=LIST_LENGTH), scores)
        for kind, entries in ((SIMILAR_USERS, handles), (RECOMMENDATIONS, courses))
        for user in handles
    ]
