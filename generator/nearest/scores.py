"""Exact top-n of scores that are there already, as a dense block."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.ties import Ties
from generator.nearest.top_n import TopN, empty_top_n, rounded


def top_n_of_scores(
    scores: NDArray[np.float32],
    n: int,
    *,
    ties: Ties,
    exclude: sp.csr_matrix,
    indices: NDArray[np.int32] | None = None,
) -> TopN:
    """The `n` largest of each row, negative ones too; `scores` is overwritten.

    scores: float32 [rows, candidates]. ties: of the rows, and of what they list. exclude: [rows,
    candidates], its entries are never listed. indices: candidate i is listed as ``indices[i]``.
    Cost: a few passes over the block.
    """
    top = empty_top_n(len(scores), n)
    depth = min(n, scores.shape[1])
    if not depth:
        return top
    for row in scores:
        row[:] = rounded(row)
    hidden = exclude.tocoo()
    scores[hidden.row, hidden.col] = -np.inf
    least = -np.partition(-scores, depth - 1, axis=1)[:, depth - 1, None]
    row, column = np.nonzero((scores >= least) & (scores > -np.inf))
    score = scores[row, column]
    entry = column if indices is None else indices[column]
    by_rank = np.lexsort((ties.places(row, entry), -score, row))
    row, entry, score = row[by_rank], entry[by_rank], score[by_rank]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    listed = place < depth
    row, place = row[listed], place[listed]
    top.indices[row, place] = entry[listed]
    top.scores[row, place] = score[listed]
    return top
