"""What two vectors have in common, by how much it adds to their product."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.reasons.reasons import Reasons, strongest

ENTRIES_PER_BLOCK = 2**22
"""Of the vectors that are laid side by side at a time: about 100 MB."""


def shared_features(
    queries: sp.csr_matrix, candidates: sp.csr_matrix, listed: NDArray[np.int32]
) -> Reasons:
    """For each listed candidate, the features that its row shares with the query's row.

    queries: float32 [rows, features]. candidates: float32 [candidates, features]. listed: int32
    [rows, n], padded with -1. A feature's weight is the product of its two entries, so that the
    weights of a pair add up to their dot product. Cost: the entries of the listed pairs.
    """
    row, column = np.nonzero(listed >= 0)
    candidate = listed[row, column]
    products = [
        queries[row[part]].multiply(candidates[candidate[part]]).tocsr()
        for part in _parts(np.diff(queries.indptr)[row] + np.diff(candidates.indptr)[candidate])
    ]
    empty = sp.csr_matrix((0, queries.shape[1]), dtype=np.float32)
    return strongest(sp.vstack(products or [empty], format="csr"), listed)


def _parts(entries: NDArray[np.int64]) -> Iterator[slice]:
    """Ranges of pairs whose vectors have some four million entries together."""
    block = np.cumsum(entries, dtype=np.int64) // ENTRIES_PER_BLOCK
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    for start, stop in pairwise([*starts, len(entries)]):
        yield slice(start, stop)
