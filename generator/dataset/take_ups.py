"""In which order each user took courses up: what sequence models read."""

from typing import NamedTuple

import numpy as np
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


def take_ups(interactions: Interactions, n_courses: int) -> TakeUps:
    """A course that was opened and left (a view of 0 seconds) was not taken up.

    Courses of one time stand as their file has them: `Interactions.tied_share` says how many.
    """
    spent = interactions.seconds > 0
    users, courses = interactions.users[spent], interactions.courses[spent]
    _, first = np.unique(users.astype(np.int64) * n_courses + courses, return_index=True)
    first.sort()
    users, courses = users[first], courses[first]
    ends = np.cumsum(np.bincount(users, minlength=len(interactions.offsets) - 1))
    return TakeUps(users, courses, ends[users] - 1 - np.arange(len(users)))
