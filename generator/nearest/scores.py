"""Exact top-n of scores that are there already, as a dense block."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.ties import Ties
from generator.nearest.top_n import TopN, empty_top_n, rounded

SCORES_PER_PART = 2**18


def top_n_of_scores(
    scores: NDArray[np.float32],
    n: int,
    *,
    ties: Ties,
    exclude: sp.csr_matrix | None = None,
    indices: NDArray[np.int32] | None = None,
    above: float = -np.inf,
) -> TopN:
    """The `n` largest of each row that exceed `above`; hidden ones are overwritten in `scores`.

    scores: float32 [rows, candidates]. ties: of the rows, and of what they list. exclude: [rows,
    candidates], its entries are never listed. indices: candidate i is listed as ``indices[i]``, or
    that of row r as ``indices[r, i]``.
    Cost: a few passes over the block, in parts that stay in the processor's cache.
    """
    top = empty_top_n(len(scores), n)
    if exclude is not None:
        hidden = exclude.tocoo()
        scores[hidden.row, hidden.col] = -np.inf
    if not scores.shape[1]:
        return top
    every = np.arange(scores.shape[1], dtype=np.int32) if indices is None else indices
    if ties.order.hidden is not None:
        gone = ties.order.hidden[every]
        scores[(slice(None), gone) if gone.ndim == 1 else gone] = -np.inf
    listed_as = np.broadcast_to(every, scores.shape)
    step = max(1, SCORES_PER_PART // scores.shape[1])
    for start in range(0, len(scores), step):
        rows = slice(start, start + step)
        lists = TopN(top.indices[rows], top.scores[rows])
        _write_best(rounded(scores[rows]), above, ties.of(rows), listed_as[rows], lists)
    return top


def _write_best(
    scores: NDArray[np.float32],
    above: float,
    ties: Ties,
    listed_as: NDArray[np.int32],
    top: TopN,
) -> None:
    depth = min(top.indices.shape[1], scores.shape[1])
    least = -np.partition(-scores, depth - 1, axis=1)[:, depth - 1, None]
    row, column = np.nonzero((scores >= least) & (scores > above))
    score = scores[row, column]
    entry = listed_as[row, column]
    by_rank = np.lexsort((ties.places(row, entry), -score, row))
    row, entry, score = row[by_rank], entry[by_rank], score[by_rank]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    listed = place < depth
    row, place = row[listed], place[listed]
    top.indices[row, place] = entry[listed]
    top.scores[row, place] = score[listed]
