"""A share of every list for courses that few know."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from generator.reranking.rule import Given, Pool, Rule, Turns
from generator.reranking.share_of_places import ShareOfPlaces

HEAD = 0.2
"""Of the courses: the most viewed ones. The others are the tail (Abdollahpouri, Burke & Mobasher,
FLAIRS 2019)."""


class Novelty(Rule):
    """Of the first p entries chosen, at least NOVELTY_SHARE * p, rounded down, are of the tail."""

    def __init__(self, share: float, tail: NDArray[np.bool_]) -> None:
        """share: 0 to 1. tail: bool [courses]."""
        self._share, self._tail = share, tail

    @classmethod
    def of(cls, given: Given) -> Self | None:
        if not given.settings.novelty_share:
            return None
        return cls(given.settings.novelty_share, tail_of(given.dataset.viewers))

    @property
    def said(self) -> str:
        return f"{self._share:.0%} of the places for courses outside the most viewed {HEAD:.0%}"

    def over(self, pool: Pool) -> Turns:
        return ShareOfPlaces(pool, self._share, pool.entries(self._tail))


def tail_of(viewers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool [courses]: all but the fifth that is viewed most; as viewed as its last is head too."""
    head = int(np.ceil(HEAD * len(viewers)))
    if not head:
        return np.zeros(0, bool)
    least = np.partition(viewers, -head)[-head]
    return np.asarray((viewers < least) | (viewers == 0))
