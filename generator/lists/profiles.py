"""What the data says of users, in rows for people to look at."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import USER_PROFILE, FactsRow, Handle

USERS_PER_BLOCK = 8192
INTERESTS_SHOWN = 50
COURSES_SHOWN = 10

Row = tuple[list[Handle], list[float], int, float]
"""The handles of a row's largest entries, the entries, how many it has, and their sum."""


def profiles(dataset: Dataset) -> Iterator[list[FactsRow]]:
    """A row for every user: interests, levels and the courses they spent most time on.

    ``{"interests", "interest_count", "courses", "seconds", "course_count", "total_seconds",
    "is_measured", "levels": [[level, courses], ...]}``; view times in whole seconds, which are
    weights and no times where they are not measured. In blocks.
    """
    tags, courses = dataset.tags.handles(), dataset.courses.handles()
    for start in range(0, len(dataset.users), USERS_PER_BLOCK):
        users = np.arange(start, min(start + USERS_PER_BLOCK, len(dataset.users)), dtype=np.int32)
        interests = _largest(dataset.interests[users], tags, INTERESTS_SHOWN)
        views = _largest(dataset.view_seconds[users], courses, COURSES_SHOWN)
        levels = _levels(dataset, users)
        handles = dataset.users.handles(users)
        yield [
            FactsRow(
                USER_PROFILE,
                handle,
                _facts(follows, watched, taken) | {"is_measured": dataset.view_times_are_measured},
            )
            for handle, follows, watched, taken in zip(
                handles, interests, views, levels, strict=True
            )
        ]


def _facts(follows: Row, watched: Row, levels: list[list[Handle | int]]) -> dict[str, object]:
    return {
        "interests": follows[0],
        "interest_count": follows[2],
        "courses": watched[0],
        "seconds": [round(seconds) for seconds in watched[1]],
        "course_count": watched[2],
        "total_seconds": round(watched[3]),
        "levels": levels,
    }


def _largest(rows: sp.csr_matrix, names: list[Handle], most: int) -> list[Row]:
    """Each row's largest entries, ties by lower index."""
    counts = np.diff(rows.indptr)
    row = np.repeat(np.arange(rows.shape[0]), counts)
    order = np.lexsort((rows.indices, -rows.data, row))
    place = np.arange(len(row)) - rows.indptr[row]
    kept = order[place < most]
    found, values = rows.indices[kept].tolist(), rows.data[kept].astype(float).tolist()
    ends = np.cumsum(np.minimum(counts, most)).tolist()
    totals = np.bincount(row, weights=rows.data, minlength=rows.shape[0]).tolist()
    return [
        ([names[index] for index in found[start:end]], values[start:end], count, total)
        for start, end, count, total in zip(
            [0, *ends[:-1]], ends, counts.tolist(), totals, strict=True
        )
    ]


def _levels(dataset: Dataset, users: NDArray[np.int32]) -> list[list[list[Handle | int]]]:
    """For each user the levels of the courses they viewed, most courses first."""
    levels, viewed = dataset.levels.handles(), dataset.viewed_levels[users]
    row = np.repeat(np.arange(len(users)), np.diff(viewed.indptr))
    counts = np.bincount(
        row * len(levels) + viewed.data.astype(np.int64) - 1, minlength=len(users) * len(levels)
    ).reshape(len(users), len(levels))
    order = np.argsort(-counts, axis=1, kind="stable")
    counts = np.take_along_axis(counts, order, axis=1)
    return [
        [[levels[index], count] for index, count in zip(of_user, sizes, strict=True) if count]
        for of_user, sizes in zip(order.tolist(), counts.tolist(), strict=True)
    ]
