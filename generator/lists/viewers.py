"""Who viewed each course last, in rows for people to look at.

views, by course, then time backwards   c1: ada 9:00, bob 8:00, ada 7:00   c2: ...
stored                                  c1: ada, bob
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import COURSE_VIEWERS, FactsRow

VIEWERS_SHOWN = 20
COURSES_PER_BLOCK = 8192


def course_viewers(dataset: Dataset) -> Iterator[list[FactsRow]]:
    """``{"users": [...]}`` for every course that anybody viewed, the latest first, in blocks.

    Views without a date are before all others, those of one time in the order of users. Cost: one
    sort of the views, 40 bytes each.
    """
    course, user = _last_viewers(dataset)
    starts = np.searchsorted(course, np.arange(len(dataset.courses) + 1))
    for first in range(0, len(dataset.courses), COURSES_PER_BLOCK):
        block = np.arange(first, min(first + COURSES_PER_BLOCK, len(dataset.courses)))
        rows: NDArray[np.int32] = block[starts[block + 1] > starts[block]].astype(np.int32)
        if not len(rows):
            continue
        here = slice(int(starts[rows[0]]), int(starts[rows[-1] + 1]))
        users = dataset.users.handles(user[here])
        ends = (starts[rows + 1] - here.start).tolist()
        yield [
            FactsRow(COURSE_VIEWERS, handle, {"users": users[start:end]})
            for handle, start, end in zip(
                dataset.courses.handles(rows), [0, *ends[:-1]], ends, strict=True
            )
        ]


def _last_viewers(dataset: Dataset) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Course and user of the last views of each course, each pair once, at most VIEWERS_SHOWN."""
    views = dataset.interactions
    # Not minus: the smallest integer, which no date is, has no opposite.
    order = np.lexsort((views.users, ~views.times, views.courses))
    course, user = views.courses[order], views.users[order]
    pairs = course.astype(np.int64) * max(len(dataset.users), 1) + user
    kept = np.sort(np.unique(pairs, return_index=True)[1])
    course, user = course[kept], user[kept]
    place = np.arange(len(course)) - np.searchsorted(course, course)
    return course[place < VIEWERS_SHOWN], user[place < VIEWERS_SHOWN]
