"""How far users have come: levels in their order, and the next one in each tag."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.take_ups import take_ups

NO_LEVEL = -1


def level_of_courses(dataset: Dataset) -> NDArray[np.int64]:
    """int64 [courses]: the level that each is viewed at most, -1 without one."""
    viewers = dataset.viewers_by_level
    if not viewers.shape[1]:
        return np.full(len(viewers), NO_LEVEL)
    return np.where(viewers.any(axis=1), viewers.argmax(axis=1), NO_LEVEL)


def level_heights(dataset: Dataset) -> NDArray[np.float64]:
    """float64 [courses]: how late in what users take up courses of its level come, 0 to 1; NaN
    without a level.

    The words for levels are a platform's own, and say no order; users do.
    """
    level, size = level_of_courses(dataset), len(dataset.levels)
    taken = take_ups(dataset.interactions, len(dataset.courses))
    before = 1 - taken.ages / np.maximum(np.bincount(taken.users)[taken.users] - 1, 1)
    leveled = level[taken.courses] != NO_LEVEL
    levels = level[taken.courses][leveled]
    counts = np.bincount(levels, minlength=size)
    heights = np.bincount(levels, before[leveled], size) / np.maximum(counts, 1)
    # The last of all stands for no level.
    heights = np.append(heights, np.nan)
    of_courses: NDArray[np.float64] = heights[level]
    return of_courses


@dataclass(frozen=True)
class LevelProgress:
    """In each tag a user has reached the highest level of the courses that they finished."""

    dataset: Dataset
    ranks: NDArray[np.int64]
    """int64 [courses]: the place of its level among all, 0 the lowest; -1 without a level."""

    @classmethod
    def by_heights(cls, dataset: Dataset, heights: NDArray[np.floating]) -> "LevelProgress":
        """heights: float [courses], as `level_heights` has them."""
        there = ~np.isnan(heights)
        ranks = np.full(len(heights), NO_LEVEL)
        ranks[there] = np.unique(heights[there], return_inverse=True)[1]
        return cls(dataset, ranks)

    def steps(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 [users, width]: levels from the next one to the course's, in the course's tag in
        which the user has come furthest: 0 is the next level, 1 leaves one out, -1 is reached.

        courses: int32 [users, width], -1 pads. NaN where the course has no level, or the user has
        finished nothing in any of its tags.
        """
        size, width = len(self.dataset.tags), courses.shape[1]
        reached = self._reached(users)
        row = np.repeat(np.arange(len(users)), np.diff(reached.indptr))
        keys = row * size + reached.indices
        carried = self.dataset.course_tags[np.maximum(courses.ravel(), 0)]
        pair = np.repeat(np.arange(courses.size), np.diff(carried.indptr))
        wanted = pair // max(width, 1) * size + carried.indices
        furthest = np.zeros(courses.size, np.int64)
        if len(keys):
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            levels = np.where(keys[place] == wanted, reached.data[place], 0)
            np.maximum.at(furthest, pair, levels)
        ranks = self.ranks[courses].ravel()
        is_known = (furthest > 0) & (ranks != NO_LEVEL) & (courses.ravel() >= 0)
        return np.where(is_known, ranks - furthest, np.nan).astype(np.float32).reshape(-1, width)

    def _reached(self, users: NDArray[np.int32]) -> sp.csr_matrix:
        """int64 [users, tags], indices sorted: 1 + the rank of the level reached in each tag."""
        finished = self.dataset.finished[users].astype(np.float32)
        reached = sp.csr_matrix((len(users), len(self.dataset.tags)), dtype=np.int64)
        for rank in range(int(self.ranks.max(initial=NO_LEVEL)) + 1):
            of_level = sp.diags_array((self.ranks == rank).astype(np.float32))
            there = sp.csr_matrix(finished @ of_level @ self.dataset.course_tags) > 0
            reached = reached.maximum(there.astype(np.int64) * (1 + rank)).tocsr()
        reached.eliminate_zeros()
        reached.sort_indices()
        return reached
