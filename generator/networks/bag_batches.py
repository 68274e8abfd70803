"""Users in batches, each with all of their courses at once."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

COURSES, ROWS, SHARES, PRESENT = "courses", "rows", "shares", "present"
STEPS_OF_LITTLE, LEAST_ROWS, MOST_ROWS = 64, 16, 256
SHORTEST = 256


class BagBatches:
    """All users, in an order that depends on the seed and the epoch alone.

    A batch is filled up with nothing to as many users as all have, and to pairs of few numbers:
    each is a program of its own for the compiler.
    """

    def __init__(self, amounts: sp.csr_matrix, seed: int) -> None:
        """amounts: float32 [users, courses], an entry a pair, none below 0."""
        self._users = np.flatnonzero(np.diff(amounts.indptr)).astype(np.int32)
        self._amounts, self._shares, self._seed = amounts, shares_of(amounts), seed
        self._rows = int(np.clip(len(self._users) // STEPS_OF_LITTLE, LEAST_ROWS, MOST_ROWS))

    def __len__(self) -> int:
        return -(-len(self._users) // self._rows)

    def of_epoch(self, epoch: int) -> Iterator[tuple[dict[str, Any], NDArray[np.float32]]]:
        order = np.random.default_rng((self._seed, epoch)).permutation(self._users)
        for start in range(0, len(order), self._rows):
            yield self._batch(order[start : start + self._rows])

    def _batch(self, users: NDArray[np.int32]) -> tuple[dict[str, Any], NDArray[np.float32]]:
        own, shares = self._amounts[users], self._shares[users]
        pairs = own.nnz
        padded = SHORTEST * 2 ** int(np.ceil(np.log2(max(pairs / SHORTEST, 1))))
        courses, rows = np.zeros((2, padded), np.int32)
        share, foretold = np.zeros((2, padded), np.float32)
        courses[:pairs] = 1 + own.indices
        rows[:pairs] = np.repeat(np.arange(len(users)), np.diff(own.indptr))
        share[:pairs], foretold[:pairs] = shares.data, own.data
        there = np.zeros((self._rows, 1), np.float32)
        there[: len(users)] = 1
        return {COURSES: courses, ROWS: rows, SHARES: share, PRESENT: there}, foretold


def shares_of(amounts: sp.csr_matrix) -> sp.csr_matrix:
    """float32 [users, courses]: 1 over the root of how many the user has, whatever each counts."""
    counts = np.diff(amounts.indptr)
    shares = sp.csr_matrix(amounts, copy=True)
    shares.data = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return shares
