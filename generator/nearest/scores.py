"""Exact top-n of scores that are there already, as a dense block."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.top_n import SCORE_DECIMALS, TopN, empty_top_n


def top_n_of_scores(
    scores: NDArray[np.float32],
    n: int,
    *,
    exclude: sp.csr_matrix,
    indices: NDArray[np.int32] | None = None,
) -> TopN:
    """The `n` largest of each row, negative ones too; `scores` is overwritten.

    scores: float32 [rows, candidates]. exclude: [rows, candidates], its entries are never listed.
    indices: ascending; candidate i is listed as ``indices[i]``. Equal scores, to 6 decimals: the
    lower index wins. Cost: two passes over the block.
    """
    top = empty_top_n(len(scores), n)
    depth = min(n, scores.shape[1])
    if not depth:
        return top
    np.round(scores, SCORE_DECIMALS, out=scores)
    hidden = exclude.tocoo()
    scores[hidden.row, hidden.col] = -np.inf
    least = -np.partition(-scores, depth - 1, axis=1)[:, depth - 1, None]
    row, column = np.nonzero((scores >= least) & (scores > -np.inf))
    score = scores[row, column]
    # Columns ascend already, and the sort is stable.
    by_rank = np.lexsort((-score, row))
    row, column, score = row[by_rank], column[by_rank], score[by_rank]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    listed = place < depth
    row, place = row[listed], place[listed]
    top.indices[row, place] = column[listed] if indices is None else indices[column[listed]]
    top.scores[row, place] = score[listed]
    return top
