"""What learners often take up next, and what after that: mined from the order of their courses."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from generator.dataset.take_ups import take_ups
from generator.nearest.parts import positions_of

STEPS = 3
"""A course is next if it is among so many that a learner took up after the other."""
LEAST_USERS = 10
"""What fewer did may be chance, and says who they are."""
LEAST_LIFT = 1.5
MOST_PATHWAYS = 5
"""Of each course."""

Pathway = dict[str, object]


class _Pairs(NamedTuple):
    """Two courses of one user, the second among the next after the first, and strictly later."""

    first: NDArray[np.int32]
    """int32: places among the take-ups."""
    second: NDArray[np.int32]


def pathways_of(dataset: Dataset) -> Iterator[list[Pathway]]:
    """For every course up to five ``{"courses", "users", "share", "lift"}``.

    `courses` are the next one and, where enough went on alike, the one that most took up after
    that; `users` took up all of them in this order. `share`: of those who went on after the course,
    who took up the next one within three; `lift`: how many times that is the share after any
    course. They come by users x ln(lift), as in a test by likelihoods (Dunning 1993). A course that
    is not on offer is no next one, and views without a date have no order.
    """
    size, handles = len(dataset.courses), dataset.courses.handles()
    taken = take_ups(dataset.interactions, size)
    pairs = _pairs(dataset, taken.users, taken.views)
    first, second, users, shares, lifts = _strong(dataset, taken.courses, pairs)
    then, went_on = _continued(taken.courses, pairs, first, second, size)
    starts = np.searchsorted(first, np.arange(size + 1))
    for start, stop in pairwise(starts.tolist()):
        yield [
            {
                "courses": [handles[course] for course in (second[at], then[at]) if course >= 0],
                "users": int(went_on[at] if then[at] >= 0 else users[at]),
                "share": round(float(shares[at]), 4),
                "lift": round(float(lifts[at]), 2),
            }
            for at in range(start, stop)
        ]


def _pairs(dataset: Dataset, users: NDArray[np.int32], views: NDArray[np.int64]) -> _Pairs:
    times, places = dataset.interactions.times[views], np.arange(len(users), dtype=np.int32)
    firsts, seconds = [], []
    for step in range(1, STEPS + 1):
        first, second = places[:-step], places[step:]
        in_order = (users[first] == users[second]) & (times[first] != UNDATED)
        in_order &= times[first] < times[second]
        firsts.append(first[in_order])
        seconds.append(second[in_order])
    return _Pairs(np.concatenate(firsts), np.concatenate(seconds))


def _strong(
    dataset: Dataset, courses: NDArray[np.int32], pairs: _Pairs
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
]:
    """Course, next one, users, share and lift of the strongest pairs, by course and strength."""
    size = len(dataset.courses)
    keys = courses[pairs.first].astype(np.int64) * size + courses[pairs.second]
    distinct, users = np.unique(keys, return_counts=True)
    first, second = distinct // max(size, 1), distinct % max(size, 1)
    went_on = np.bincount(courses[np.unique(pairs.first)], minlength=size)
    shares = users / went_on[first]
    after_any = np.bincount(courses[pairs.second], minlength=size) / max(went_on.sum(), 1)
    lifts = shares / after_any[second]
    kept = (users >= LEAST_USERS) & (lifts >= LEAST_LIFT)
    if dataset.not_offered is not None:
        kept &= ~dataset.not_offered[second]
    strength = users * np.log(lifts)
    order = np.flatnonzero(kept)[np.lexsort((second[kept], -strength[kept], first[kept]))]
    place = np.arange(len(order)) - np.searchsorted(first[order], first[order])
    order = order[place < MOST_PATHWAYS]
    return first[order], second[order], users[order], shares[order], lifts[order]


def _continued(
    courses: NDArray[np.int32],
    pairs: _Pairs,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    size: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each strong pair the course that most took up next, -1 where too few did, and how many."""
    then, users = np.full(len(first), -1), np.zeros(len(first), np.int64)
    if not len(first):
        return then, users
    strong = first * size + second
    by_key = np.argsort(strong)
    keys = courses[pairs.first].astype(np.int64) * size + courses[pairs.second]
    place = np.minimum(np.searchsorted(strong[by_key], keys), len(strong) - 1)
    is_strong = np.flatnonzero(strong[by_key][place] == keys)
    # Every pair that begins where a strong one ends.
    by_first = np.argsort(pairs.first, kind="stable")
    starts = np.searchsorted(pairs.first[by_first], pairs.second[is_strong])
    counts = np.searchsorted(pairs.first[by_first], pairs.second[is_strong], "right") - starts
    follows = pairs.second[by_first[positions_of(starts, counts)]]
    of_pair = np.repeat(by_key[place[is_strong]], counts)
    distinct, went_on = np.unique(of_pair * size + courses[follows], return_counts=True)
    most = np.lexsort((-(distinct % size), went_on))
    of_pair, enough = distinct[most] // size, went_on[most] >= LEAST_USERS
    # Of several assignments to one place numpy keeps the last.
    then[of_pair[enough]] = distinct[most][enough] % size
    users[of_pair[enough]] = went_on[most][enough]
    return then, users
