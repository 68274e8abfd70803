"""Exact top-n of a product of sparse matrices, never the whole product.

The work is `sparse_dot_topn`'s; `generator.nearest.sparse_answer` adds what it leaves open: which
of several equal candidates are listed, and candidates that must not be. Every row is asked for as
many groups of equal candidates as its list may need:

    rows, by depth = n + excluded + 1     a block of rows has the depth of its last one
      .........       10 to 12            one block
      ............    13 to 19            another, if the first is full
      ......................  30          another, since this is more than twice 10

A row is settled if its list ends above the score at which its answer was cut, below which equal
ones may have been left out; the others are asked for again, deeper.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from generator.nearest.sparse_answer import Answer
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import Salts, Ties
from generator.nearest.top_n import TopN, empty_top_n

BYTES_PER_ENTRY = 24
"""A score and an index in the product's answer, which is made with room for all and cut."""
BYTES_PER_SUM = 16
"""Each thread has a sum for every group of candidates."""
MAX_ROWS_PER_BLOCK = 8192
DEEPER = 8


def top_n_sparse(
    queries: sp.csr_matrix,
    candidates: SparseCandidates,
    n: int,
    *,
    salts: Salts,
    exclude: sp.csr_matrix | None = None,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` candidates with the largest positive dot product of each query row.

    queries: float32 [rows, features]. salts: uint32 [rows, 2], of whoever the rows are: of equal
    scores (to 6 decimals) those come first that `candidates.order` has first for them. exclude:
    [rows, candidates] with sorted indices, its entries are never listed. Cost: that of the product;
    memory: n + excluded entries a row.
    """
    top = empty_top_n(queries.shape[0], n)
    if not candidates.by_feature.nnz:
        return top
    if exclude is None:
        exclude = sp.csr_matrix((len(top.indices), candidates.count), dtype=bool)
    groups = candidates.by_feature.shape[1]
    entries_that_fit = (memory_budget_bytes - threads * groups * BYTES_PER_SUM) // BYTES_PER_ENTRY
    wanted, rows, times = n + np.diff(exclude.indptr), np.arange(len(top.indices)), 1
    with ThreadPoolExecutor(threads) as pool:
        while len(rows):
            # Rows with many exclusions ask for many more; sorted, few others pay for them.
            order = rows[np.argsort(wanted[rows], kind="stable")]
            depths = np.minimum((wanted[order] + 1) * times, groups)
            settled = [
                _list(queries, candidates, order[block], depth, salts, exclude, top, threads, pool)
                for block, depth in _blocks(depths, entries_that_fit)
            ]
            rows, times = np.sort(order[~np.concatenate(settled)]), times * DEEPER
    return top


def _list(
    queries: sp.csr_matrix,
    candidates: SparseCandidates,
    rows: NDArray[np.int64],
    depth: int,
    salts: Salts,
    exclude: sp.csr_matrix,
    top: TopN,
    threads: int,
    pool: Executor,
) -> NDArray[np.bool_]:
    """Write the lists of these rows into `top`; False where equal ones may have been left out."""
    product = sp_matmul_topn(
        queries[rows],
        candidates.by_feature,
        depth,
        sort=True,
        threshold=0.0,
        n_threads=threads,
    )
    answer = Answer(product, depth, candidates, Ties(candidates.order, salts[rows]))
    best = answer.best(exclude[rows], top.indices.shape[1], pool)
    top.indices[rows], top.scores[rows] = best
    return answer.settles(best)


def _blocks(depths: NDArray[np.int64], entries_that_fit: int) -> Iterator[tuple[slice, int]]:
    """Ranges of rows, of ascending depth, whose answers fit, and how deep each goes."""
    start = 0
    while start < len(depths):
        alike = int(np.searchsorted(depths, 2 * depths[start], side="right"))
        stop = min(start + MAX_ROWS_PER_BLOCK, alike)
        while stop - start > 1 and (stop - start) * depths[stop - 1] > entries_that_fit:
            stop = start + (stop - start) // 2
        yield slice(start, stop), int(depths[stop - 1])
        start = stop
