"""What speaks for each entry of a list, strongest first, as arrays."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

DEPTH = 3
"""Reasons kept for an entry: what fits into a sentence."""


class Reasons(NamedTuple):
    """For each entry of `listed`, int32 [rows, n]; an entry without reasons counts 0 of them."""

    indices: NDArray[np.int32]
    """int32 [rows, n, DEPTH]: tags, courses or users, strongest first, padded with -1."""
    shares: NDArray[np.float32]
    """float32 [rows, n, DEPTH]: part of the sum over all reasons of the entry, 0 to 1."""
    counts: NDArray[np.int32]
    """int32 [rows, n]: how many reasons there are in all."""

    def put(self, rows: slice, part: "Reasons") -> None:
        """Write the reasons of some rows into those of all."""
        for of_all, of_part in zip(self, part, strict=True):
            of_all[rows] = of_part

    def renumbered(self, numbers: NDArray[np.int32]) -> "Reasons":
        """The same where reason i stands for ``numbers[i]``."""
        kept = np.where(self.indices < 0, -1, numbers[self.indices])
        return self._replace(indices=kept.astype(np.int32))


def no_reasons(listed: NDArray[np.int32]) -> Reasons:
    shape = (*listed.shape, DEPTH)
    return Reasons(
        np.full(shape, -1, np.int32), np.zeros(shape, np.float32), np.zeros(listed.shape, np.int32)
    )


def strongest(weights: sp.csr_matrix, listed: NDArray[np.int32]) -> Reasons:
    """The largest positive weights of each entry; ties by lower index.

    weights: [entries of `listed` that are no padding, row by row; whatever speaks for them].
    """
    reasons = no_reasons(listed)
    entry = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    positive = weights.data > 0
    entry, index, weight = entry[positive], weights.indices[positive], weights.data[positive]
    order = np.lexsort((index, -weight, entry))
    entry, index, weight = entry[order], index[order], weight[order]
    counts = np.bincount(entry, minlength=weights.shape[0])
    totals = np.bincount(entry, weights=weight, minlength=weights.shape[0])
    place = np.arange(len(entry)) - (np.cumsum(counts) - counts)[entry]
    kept = place < DEPTH
    entry, index, weight, place = entry[kept], index[kept], weight[kept], place[kept]
    row, column = np.nonzero(listed >= 0)
    reasons.indices[row[entry], column[entry], place] = index
    reasons.shares[row[entry], column[entry], place] = weight / totals[entry]
    reasons.counts[row, column] = counts
    return reasons
