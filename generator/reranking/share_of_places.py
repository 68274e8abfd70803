"""A share of the places of every list for some of the entries."""

import numpy as np
from numpy.typing import NDArray

from generator.reranking.rule import Pool, Turns


class ShareOfPlaces(Turns):
    """Of the first p entries chosen, at least share * p, rounded down, are wanted ones.

    For every p, as in FA*IR (Zehlike et al., CIKM 2017), so that they are not all on the last page.
    Where the pool has no more of them, the list goes on without.
    """

    def __init__(self, pool: Pool, share: float, wanted: NDArray[np.bool_]) -> None:
        """share: 0 to 1. wanted: bool [rows, depth]."""
        self._share, self._wanted = share, wanted
        self._taken = np.zeros(len(pool.courses), np.int64)

    def asked_for(self, place: int) -> NDArray[np.bool_]:
        # A share such as .3 is a little less in binary, and 10 of it no less than 3.
        due = int(self._share * (place + 1) + 1e-9)
        return self._wanted & (self._taken < due)[:, None]

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        self._taken[rows] += self._wanted[rows, columns]
