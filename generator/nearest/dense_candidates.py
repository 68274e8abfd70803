"""Dense vectors to be searched again and again."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.ties import TieOrder

TILE_BITS = 8
TILE_COLUMNS = 1 << TILE_BITS
NO_PLACE = -1
NEARLY = 0.99


class DenseCandidates:
    """Candidates in tiles of 256, in the order in which they are looked at.

    That is by descending length, or as given if all are about as long. Where a candidate stands in
    this order is its place.
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        order: TieOrder,
        indices: NDArray[np.int32] | None = None,
    ) -> None:
        """vectors: float32 [candidates, size]; row i stands for ``indices[i]``, ascending.

        order: of all that indices may name.
        """
        self.order = order
        named = np.arange(len(vectors), dtype=np.int32) if indices is None else indices
        if order.hidden is not None:
            shown = ~order.hidden[named]
            vectors, named = vectors[shown], named[shown]
        self.count: int = vectors.shape[0]
        self.size: int = vectors.shape[1]
        lengths = lengths_of(vectors)
        self.longest = float(lengths.max(initial=0))
        self.in_given_order = bool(lengths.min(initial=np.inf) >= NEARLY * self.longest)
        self.index_at = named
        """int32 [places]: whom the candidate at each place stands for."""
        if not self.in_given_order:
            row_at = np.argsort(-lengths, kind="stable")
            vectors, lengths = vectors[row_at], lengths[row_at]
            self.index_at = self.index_at[row_at]
        self._vectors = vectors
        self._place_of = np.full(order.count, NO_PLACE, np.int64)
        self._place_of[self.index_at] = np.arange(self.count)
        self.n_tiles = -(-self.count // TILE_COLUMNS)
        self.reach = np.maximum.accumulate(lengths[::-1])[::-1][::TILE_COLUMNS]
        """float64 [tiles]: the length of the longest vector in a tile or after it."""
        rest = vectors[TILE_COLUMNS * max(self.n_tiles - 1, 0) :]
        self._last = np.zeros((TILE_COLUMNS, self.size), np.float32)
        self._last[: len(rest)] = rest

    def tile(self, number: int) -> NDArray[np.float32]:
        """float32 [256, size]: the vectors of one tile, the last one filled up with zeros."""
        if number == self.n_tiles - 1:
            return self._last
        return self._vectors[number * TILE_COLUMNS : (number + 1) * TILE_COLUMNS]

    def width(self, number: int) -> int:
        """How many rows of a tile are candidates."""
        return min(TILE_COLUMNS, self.count - number * TILE_COLUMNS)

    def of(self, indices: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 [indices, size]: the vectors that stand for these."""
        return self._vectors[self._place_of[indices]]

    def places(self, exclude: sp.csr_matrix) -> sp.csr_matrix:
        """bool [rows, places]: the entries of `exclude` [rows, indices] that are candidates."""
        row = np.repeat(np.arange(exclude.shape[0]), np.diff(exclude.indptr))
        place = self._place_of[exclude.indices]
        row, place = row[place != NO_PLACE], place[place != NO_PLACE]
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=exclude.shape[0]))])
        shape = exclude.shape[0], self.count
        return sp.csr_matrix((np.ones(len(row), bool), place, starts), shape=shape)


def lengths_of(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(
        np.einsum("vs,vs->v", vectors, vectors, dtype=np.float64)
    )
    return lengths
