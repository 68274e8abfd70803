"""A share of every list for courses of the level that comes next for the user."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from generator.dataset.level_progress import LevelProgress, level_heights
from generator.reranking.rule import NOBODY, Given, Pool, Rule, Turns
from generator.reranking.share_of_places import ShareOfPlaces


class LevelShare(Rule):
    """Of the first p entries chosen, at least LEVEL_SHARE * p, rounded down, are a next level.

    That is the level above the highest of which the user has completed a course, in a tag that they
    have in common (`generator.dataset.level_progress`). A list for everybody has no such courses.
    """

    def __init__(self, share: float, progress: LevelProgress) -> None:
        """share: 0 to 1."""
        self._share, self._progress = share, progress

    @classmethod
    def of(cls, given: Given) -> Self | None:
        if not given.settings.level_share:
            return None
        heights = level_heights(given.dataset)
        return cls(given.settings.level_share, LevelProgress.by_heights(given.dataset, heights))

    @property
    def said(self) -> str:
        return f"{self._share:.0%} of the places for the next level in a tag of the user's"

    def over(self, pool: Pool) -> Turns:
        return ShareOfPlaces(pool, self._share, self._next_levels(pool))

    def _next_levels(self, pool: Pool) -> NDArray[np.bool_]:
        next_levels = np.zeros(pool.courses.shape, bool)
        users = np.flatnonzero(pool.subjects != NOBODY)
        if len(users):
            steps = self._progress.steps(pool.subjects[users], pool.courses[users])
            next_levels[users] = steps == 0
        return next_levels
