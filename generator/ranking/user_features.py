"""What is to be known of a user, whichever course is looked at."""

import numpy as np
from numpy.typing import NDArray

from generator.ranking.course_facts import NAMES as OF_COURSES
from generator.ranking.known import Asked, Known

NAMES = ("user_courses", "user_interests", "user_minutes", "user_popularity")
POPULARITY = OF_COURSES.index("popularity")


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES: counts, mean minutes, mean popularity."""
    views = known.dataset.view_seconds[asked.users]
    courses = np.diff(known.dataset.seen.indptr)[asked.users]
    minutes = np.asarray(views.sum(axis=1)).ravel() / 60 / np.maximum(np.diff(views.indptr), 1)
    of_users = (
        courses,
        np.diff(known.dataset.interests.indptr)[asked.users],
        np.log1p(minutes),
        mean_popularity(known, asked.users),
    )
    return [asked.for_each(np.asarray(of, np.float32)) for of in of_users]


def mean_popularity(known: Known, users: NDArray[np.int32]) -> NDArray[np.float32]:
    """float32 [users]: of the courses that each has seen; NaN without any."""
    seen = known.dataset.seen[users].astype(np.float32)
    counts = np.diff(seen.indptr)
    sums = seen @ known.courses[:, POPULARITY]
    means: NDArray[np.float32] = np.where(counts, sums / np.maximum(counts, 1), np.float32(np.nan))
    return means.astype(np.float32)
