"""A share of every list for courses that few know."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from generator.reranking.rule import Given, Pool, Rule, Turns

HEAD = 0.2
"""Of the courses: the most viewed ones. The others are the tail (Abdollahpouri, Burke & Mobasher,
FLAIRS 2019)."""


class Novelty(Rule):
    """Of the first p entries chosen, at least NOVELTY_SHARE * p, rounded down, are of the tail.

    For every p, as in FA*IR (Zehlike et al., CIKM 2017), so that they are not all on the last page.
    Where the pool has no more of them, the list goes on without.
    """

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
        return _OfTail(pool, self._share, pool.entries(self._tail))


class _OfTail(Turns):
    def __init__(self, pool: Pool, share: float, of_tail: NDArray[np.bool_]) -> None:
        self._share, self._of_tail = share, of_tail
        self._taken = np.zeros(len(pool.courses), np.int64)

    def asked_for(self, place: int) -> NDArray[np.bool_]:
        # A share such as .3 is a little less in binary, and 10 of it no less than 3.
        due = int(self._share * (place + 1) + 1e-9)
        return self._of_tail & (self._taken < due)[:, None]

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        self._taken[rows] += self._of_tail[rows, columns]


def tail_of(viewers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool [courses]: all but the fifth that is viewed most; as viewed as its last is head too."""
    head = int(np.ceil(HEAD * len(viewers)))
    if not head:
        return np.zeros(0, bool)
    least = np.partition(viewers, -head)[-head]
    return np.asarray((viewers < least) | (viewers == 0))
