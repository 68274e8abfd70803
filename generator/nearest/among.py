"""Dense top-n where only some indices may be listed, in an order that noise cannot change."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.dense import top_n_dense
from generator.nearest.top_n import PADDING, TopN, empty_top_n, ordered

SPARE = 16
MAX_ROWS_PER_BLOCK = 512


def top_n_among(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    indices: NDArray[np.int32],
    n: int,
    *,
    exclude: sp.csr_matrix,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """As `top_n_dense`, but candidate row i stands for ``indices[i]``, and is listed as that.

    Learned vectors of like users are nearly equal, and float32 products of them differ in the last
    bits with the shape of their tile. So a few spare candidates are fetched, and all are scored
    again in float64, pair by pair, before the list is cut.

    indices: int32 [candidates], ascending. exclude: [rows, all indices].
    """
    if not len(indices):
        return empty_top_n(len(queries), n)
    top = top_n_dense(
        queries,
        candidates,
        n + SPARE,
        exclude=exclude[:, indices],
        threads=threads,
        memory_budget_bytes=memory_budget_bytes,
    )
    bytes_per_row = (n + SPARE) * queries.shape[1] * 8
    step = min(MAX_ROWS_PER_BLOCK, max(1, memory_budget_bytes // bytes_per_row))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        finalists = candidates[top.indices[rows]].astype(np.float64)
        top.scores[rows] = np.einsum("rs,rfs->rf", queries[rows], finalists)
    ranked = ordered(top)  # which blanks the padding's scores
    places = ranked.indices[:, :n]
    listed = np.where(places == PADDING, PADDING, indices[places])
    return TopN(listed.astype(np.int32), ranked.scores[:, :n])
