"""How often a course was taken up right after the user's last ones."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.take_ups import take_ups
from generator.ranking.known import Asked, Known

NAMES = ("follows_last", "follows_second_last", "follows_third_last")
DOUBTED = 5.0
"""A course after which so many took up another at all has half of the shares that were counted."""


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES: a share, 0 where nobody went that way."""
    last = known.last_courses(asked.users, len(NAMES))
    return [_after(known.follows, of_users, asked.courses) for of_users in last.T]


def follows_of(dataset: Dataset) -> sp.csr_matrix:
    """float32 [courses, courses]: of those who took up the one, who took up the other next."""
    size = len(dataset.courses)
    taken = take_ups(dataset.interactions, size)
    goes_on = np.flatnonzero(taken.ages > 0)
    ones = np.ones(len(goes_on), np.float32)
    pairs = taken.courses[goes_on], taken.courses[goes_on + 1]
    counts = sp.csr_matrix((ones, pairs), shape=(size, size))
    counts.sum_duplicates()
    left = np.bincount(taken.courses[goes_on], minlength=size) + DOUBTED
    counts.data /= np.repeat(left, np.diff(counts.indptr)).astype(np.float32)
    return counts


def _after(
    follows: sp.csr_matrix, last: NDArray[np.int32], asked: NDArray[np.int32]
) -> NDArray[np.float32]:
    """follows[last[u], asked[u, i]] for each user u, 0 where either is -1."""
    size = np.int64(follows.shape[1])
    rows = follows[np.maximum(last, 0)]
    row = np.repeat(np.arange(len(last)) * size, np.diff(rows.indptr))
    there, wanted = row + rows.indices, np.arange(len(last))[:, None] * size + asked
    if not len(there):
        return np.zeros(asked.shape, np.float32)
    place = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
    is_there = (there[place] == wanted) & (asked >= 0) & (last >= 0)[:, None]
    return np.where(is_there, rows.data[place], np.float32(0))
