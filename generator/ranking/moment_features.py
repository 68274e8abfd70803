"""When the user was last here, and whether a course is looked at by that time of day.

A list is made before anybody asks for it: the moment is that of the user's last view.
"""

import numpy as np
from numpy.typing import NDArray

from generator.dataset.indices import UNDATED
from generator.ranking.course_facts import MICROSECONDS_PER_DAY, quarter_of
from generator.ranking.course_facts import NAMES as OF_COURSES
from generator.ranking.known import Asked, Known

NAMES = ("last_view_days", "hour", "weekday", "viewed_by_this_time_of_day")
MICROSECONDS_PER_HOUR = MICROSECONDS_PER_DAY // 24
THURSDAY = 3
"""The weekday of 1970-01-01, Monday being 0."""


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES; NaN where the last view has no date."""
    times = _last_times(known, asked.users)
    dated = times != UNDATED
    time = np.where(dated, times, 0)
    days = time // MICROSECONDS_PER_DAY
    of_users = (
        (known.now - time) / MICROSECONDS_PER_DAY,
        time % MICROSECONDS_PER_DAY // MICROSECONDS_PER_HOUR,
        (days + THURSDAY) % 7,
    )
    unknown = np.float32(np.nan)
    shares = known.courses[asked.courses, len(OF_COURSES) + quarter_of(time)[:, None]]
    return [
        *(asked.for_each(np.where(dated, of, unknown).astype(np.float32)) for of in of_users),
        np.where(dated[:, None], shares, unknown),
    ]


def _last_times(known: Known, users: NDArray[np.int32]) -> NDArray[np.int64]:
    interactions = known.dataset.interactions
    ends, starts = interactions.offsets[users + 1], interactions.offsets[users]
    if not len(interactions):
        return np.full(len(users), UNDATED)
    return np.where(ends > starts, interactions.times[np.maximum(ends - 1, 0)], UNDATED)
