"""What each user has seen, which no list may hold; the row also says that the user is known.

A user's courses in the order in which they were last viewed, the latest first:

    views by time   a  b  a  c        completed or reviewed alone   d
    last view of    .  b  a  c
    stored          c  a  b  d
"""

from collections.abc import Iterator

import numpy as np
import orjson
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import SEEN, FactsRow

MAX_BYTES = 300_000
"""Of one user's courses as JSON: DynamoDB takes 400 KB an item, key and names included. Those seen
first go, and may be recommended again: courses with names of 20 letters are cut at 13,000."""


def seen_rows(
    dataset: Dataset, users: NDArray[np.int32], stands_for: NDArray[np.int32] | None = None
) -> list[FactsRow]:
    """``{"courses": [...]}`` for each of these users. Cost: one sort of their views.

    stands_for: int32 [courses], which is listed in the place of each; it is seen with it.
    """
    row, course = _latest_first(dataset, users)
    if stands_for is not None:
        row, course = _with_listed(row, course, stands_for)
    row, course = _bounded(row, course, dataset)
    courses = dataset.courses.handles(course)
    ends = np.searchsorted(row, np.arange(len(users)), side="right").tolist()
    handles = dataset.users.handles(users)
    return [
        FactsRow(SEEN, handle, {"courses": courses[start:end]})
        for handle, start, end in zip(handles, [0, *ends], ends, strict=False)
    ]


def _with_listed(
    row: NDArray[np.int64], course: NDArray[np.int32], stands_for: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """What is listed in the place of a course comes right behind it, unless it is there already."""
    both = np.stack([course, stands_for[course]], 1).ravel()
    rows = np.repeat(row, 2)
    keys = rows * max(len(stands_for), 1) + both
    first = np.sort(np.unique(keys, return_index=True)[1])
    return rows[first], both[first]


def _latest_first(
    dataset: Dataset, users: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Place in `users` and course of everything that they have seen, in the order of storing."""
    seen = dataset.seen[users]
    row = np.repeat(np.arange(len(users)), np.diff(seen.indptr))
    order = np.lexsort((seen.indices, -_last_places(dataset, users, row, seen.indices), row))
    return row[order], seen.indices[order]


def _last_places(
    dataset: Dataset,
    users: NDArray[np.int32],
    row: NDArray[np.int64],
    course: NDArray[np.int32],
) -> NDArray[np.int64]:
    """int64: where each pair's last view is among all views; -1 for what was never viewed."""
    width = max(len(dataset.courses), 1)
    starts, ends = dataset.interactions.offsets[users], dataset.interactions.offsets[users + 1]
    lengths = ends - starts
    viewer = np.repeat(np.arange(len(users)), lengths)
    shift = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    place = np.arange(len(viewer)) + shift
    viewed = viewer * width + dataset.interactions.courses[place]
    # Of the same pair's views the last comes first when read backwards.
    pairs, first_backwards = np.unique(viewed[::-1], return_index=True)
    last = place[::-1][first_backwards]
    asked = row * width + course
    at = np.searchsorted(pairs, asked)
    found = at < len(pairs)
    found[found] = pairs[at[found]] == asked[found]
    places = np.full(len(asked), -1, np.int64)
    places[found] = last[at[found]]
    return places


def _bounded(
    row: NDArray[np.int64], course: NDArray[np.int32], dataset: Dataset
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    sizes = _bytes_of_courses(dataset)
    if len(course) * int(sizes.max(initial=0)) <= MAX_BYTES:
        return row, course
    taken = np.cumsum(sizes[course])
    first = np.searchsorted(row, row)
    fits = taken - taken[first] + sizes[course[first]] <= MAX_BYTES
    return row[fits], course[fits]


def _bytes_of_courses(dataset: Dataset) -> NDArray[np.int64]:
    """What each handle takes in JSON, with a comma."""
    every = dataset.courses.handles()
    return np.fromiter((len(orjson.dumps(one)) + 1 for one in every), np.int64, len(every))


def all_seen(
    dataset: Dataset, users_per_block: int, stands_for: NDArray[np.int32] | None = None
) -> Iterator[list[FactsRow]]:
    """A row for every user there is, as `seen_rows` makes them."""
    for start in range(0, len(dataset.users), users_per_block):
        stop = min(start + users_per_block, len(dataset.users))
        yield seen_rows(dataset, np.arange(start, stop, dtype=np.int32), stands_for)
