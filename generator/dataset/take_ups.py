"""In which order each user took courses up: what sequence models read."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.interactions import Interactions


class TakeUps(NamedTuple):
    """Each course of each user once, at the first view that took any time."""

    users: NDArray[np.int32]
    """int32, ascending."""
    courses: NDArray[np.int32]
    """int32: the courses of each user in the order in which they took them up."""
    ages: NDArray[np.int64]
    """int64: how many courses the user took up after this one; 0 is the latest."""
    views: NDArray[np.int64]
    """int64: the view by which each was taken up, as its place in the interactions."""

    def of_courses(self, kept: NDArray[np.bool_]) -> "TakeUps":
        """As if nobody had taken up the other courses; kept: bool [courses]."""
        there = kept[self.courses]
        return _with_ages(self.users[there], self.courses[there], self.views[there])

    def matrix(self, shape: tuple[int, int]) -> sp.csr_matrix:
        """float32 [users, courses]: 1 where the user took the course up."""
        ones = np.ones(len(self.users), np.float32)
        return sp.csr_matrix((ones, (self.users, self.courses)), shape=shape)


def take_ups(interactions: Interactions, n_courses: int) -> TakeUps:
    """A course that was opened and left (a view of 0 seconds) was not taken up.

    Courses of one time stand as their file has them: `Interactions.tied_share` says how many.
    """
    spent = interactions.seconds > 0
    users, courses = interactions.users[spent], interactions.courses[spent]
    _, first = np.unique(users.astype(np.int64) * n_courses + courses, return_index=True)
    first.sort()
    return _with_ages(users[first], courses[first], np.flatnonzero(spent)[first])


def _with_ages(
    users: NDArray[np.int32], courses: NDArray[np.int32], views: NDArray[np.int64]
) -> TakeUps:
    ends = np.cumsum(np.bincount(users))
    return TakeUps(users, courses, ends[users] - 1 - np.arange(len(users)), views)
