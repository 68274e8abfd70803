"""What two vectors have in common, by how much it adds to their product."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.reasons.reasons import Reasons, no_reasons, strongest

ENTRIES_PER_BLOCK = 2**20
"""Of the vectors that are laid side by side at a time: about 25 MB."""


def shared_features(
    queries: sp.csr_matrix,
    candidates: sp.csr_matrix,
    listed: NDArray[np.int32],
    together: Callable[[sp.csr_matrix], sp.csr_matrix] = lambda shared: shared,
) -> Reasons:
    """For each listed candidate, the features that its row shares with the query's row.

    queries: float32 [rows, features]. candidates: float32 [candidates, features]. listed: int32
    [rows, n], padded with -1. A feature's weight is the product of its two entries, so that the
    weights of a pair add up to their dot product; `together` may move weights, [pairs, features],
    from one to another. Cost: the entries of the listed pairs.
    """
    reasons = no_reasons(listed)
    listed_entries = np.append(np.diff(candidates.indptr), 0)[listed].sum(axis=1)
    for rows in _blocks(listed.shape[1] * np.diff(queries.indptr) + listed_entries):
        row, column = np.nonzero(listed[rows] >= 0)
        of_listed = candidates[listed[rows][row, column]]
        shared = queries[rows.start + row].multiply(of_listed).tocsr()
        reasons.put(rows, strongest(together(shared), listed[rows]))
    return reasons


def _blocks(entries: NDArray[np.int64]) -> Iterator[slice]:
    """Ranges of rows whose pairs of vectors have about a million entries together."""
    block = np.cumsum(entries, dtype=np.int64) // ENTRIES_PER_BLOCK
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    for start, stop in pairwise([*starts.tolist(), len(entries)]):
        yield slice(start, stop)
