"""Dense top-n where only some of the indices stand for election."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.dense import top_n_dense
from generator.nearest.top_n import PADDING, TopN


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
    """As `top_n_dense`, but candidate row i stands for ``indices[i]``, and so it is listed.

    indices: int32 [candidates], ascending. exclude: [rows, all indices].
    """
    top = top_n_dense(
        queries,
        candidates,
        n,
        exclude=exclude[:, indices],
        threads=threads,
        memory_budget_bytes=memory_budget_bytes,
    )
    if not len(indices):
        return top
    listed = np.where(top.indices == PADDING, PADDING, indices[top.indices])
    return TopN(listed.astype(np.int32), top.scores)
