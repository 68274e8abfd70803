"""Lists of random users, made beforehand, so that writing them is all that is timed."""

import random

from shared.records import UserLists

MODEL_HANDLE = "tfidf_user_interest"
LIST_LENGTH = 20


def random_lists(users: int, seed: int = 1) -> list[UserLists]:
    """Both lists of each user, about 1 KB as JSON."""
    chance = random.Random(seed)
    handles = range(1, users + 1)
    courses = [f"course-{number}" for number in range(10_000)]
    scores = sorted((round(chance.random(), 6) for _ in range(LIST_LENGTH)), reverse=True)
    return [
        UserLists(
            user,
            MODEL_HANDLE,
            chance.choices(handles, k=LIST_LENGTH),
            scores,
            chance.choices(courses, k=LIST_LENGTH),
            scores,
        )
        for user in handles
    ]
