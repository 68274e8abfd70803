"""Exact top-n of a product of sparse matrices, never the whole product.

The work is `sparse_dot_topn`'s; this file adds what it leaves open: which of several equal
candidates are kept, and candidates that must not be listed.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul, sp_matmul_topn

from generator.nearest.top_n import TopN, empty_top_n

BYTES_PER_ENTRY = 8 + 24
"""An entry of a full product row (float32, int32) and what selecting from it takes."""
MAX_ROWS_PER_BLOCK = 8192


def top_n_sparse(
    queries: sp.csr_matrix,
    candidates: sp.csr_matrix,
    n: int,
    *,
    exclude: sp.csr_matrix | None = None,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` candidates with the largest positive dot product of each query row.

    queries: float32 [rows, features]. candidates: float32 [features, candidates], that is,
    already transposed, since the caller asks for many blocks of rows against the same candidates.
    exclude: [rows, candidates], its entries are never listed. Equal scores: the lower index wins.
    Cost: that of the product; memory: n + excluded entries a row.
    """
    top = empty_top_n(queries.shape[0], n)
    if not candidates.nnz:
        return top
    excluded = np.zeros(queries.shape[0], np.int64) if exclude is None else np.diff(exclude.indptr)
    # Rows with many exclusions must ask for many more candidates; sorted, few others pay for them.
    order = np.argsort(excluded, kind="stable")
    for rows in _blocks(order, excluded, n, memory_budget_bytes):
        depth = min(n + int(excluded[rows[-1]]) + 1, candidates.shape[1])
        found = sp_matmul_topn(queries[rows], candidates, top_n=depth, sort=True, n_threads=threads)
        settled = _cut(found, exclude, rows, n, depth, top)
        if not settled.all():
            _settle_ties(
                queries, candidates, exclude, rows[~settled], top, threads, memory_budget_bytes
            )
    return top


def _blocks(
    order: NDArray[np.int64], excluded: NDArray[np.int64], n: int, budget_bytes: int
) -> list[NDArray[np.int64]]:
    blocks, start = [], 0
    while start < len(order):
        stop = min(start + MAX_ROWS_PER_BLOCK, len(order))
        while (
            stop - start > 1
            and (stop - start) * (n + excluded[order[stop - 1]] + 1) * BYTES_PER_ENTRY
            > budget_bytes
        ):
            stop = start + (stop - start) // 2
        blocks.append(order[start:stop])
        start = stop
    return blocks


def _cut(
    found: sp.csr_matrix,
    exclude: sp.csr_matrix | None,
    rows: NDArray[np.int64],
    n: int,
    depth: int,
    top: TopN,
) -> NDArray[np.bool_]:
    """Write each row's best n into `top`; False where equal candidates may have been left out."""
    per_row = np.diff(found.indptr)
    row = np.repeat(np.arange(len(rows)), per_row)
    # A full row may have been cut among equals: those with its last score are not all here.
    full = per_row == depth
    last = np.zeros(len(rows), np.float32)
    last[full] = found.data[found.indptr[1:][full] - 1]
    kept = found.data > 0
    if exclude is not None:
        kept &= ~_are_entries(exclude, rows[row], found.indices)
    row, indices, scores = row[kept], found.indices[kept], found.data[kept]
    by_rank = np.lexsort((indices, -scores, row))
    row, indices, scores = row[by_rank], indices[by_rank], scores[by_rank]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    listed = place < n
    top.indices[rows[row[listed]], place[listed]] = indices[listed]
    top.scores[rows[row[listed]], place[listed]] = scores[listed]
    at_cut = np.zeros(len(rows), bool)
    at_cut[row[listed][scores[listed] <= last[row[listed]]]] = True
    return ~(full & (depth < found.shape[1]) & at_cut)


def _settle_ties(
    queries: sp.csr_matrix,
    candidates: sp.csr_matrix,
    exclude: sp.csr_matrix | None,
    rows: NDArray[np.int64],
    top: TopN,
    threads: int,
    budget_bytes: int,
) -> None:
    """Rank rows whose cut falls among equals from their full product, in bounded blocks."""
    n = top.indices.shape[1]
    candidates_per_feature = np.diff(candidates.indptr)
    entries = np.minimum(queries[rows].astype(bool) @ candidates_per_feature, candidates.shape[1])
    block_of = np.cumsum(entries * BYTES_PER_ENTRY) // max(budget_bytes, 1)
    for block in np.split(rows, np.flatnonzero(np.diff(block_of)) + 1):
        product = sp_matmul(queries[block], candidates, n_threads=threads)
        top.indices[block] = -1
        top.scores[block] = 0
        _cut(product, exclude, block, n, candidates.shape[1], top)


def _are_entries(
    matrix: sp.csr_matrix, rows: NDArray[np.int64], columns: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """bool: whether each (row, column) is an entry of `matrix`, which has sorted indices."""
    width = matrix.shape[1]
    wanted, inverse = np.unique(rows, return_inverse=True)
    block = matrix[wanted]
    keys = np.repeat(np.arange(len(wanted)), np.diff(block.indptr)) * width + block.indices
    asked = inverse * width + columns
    place = np.searchsorted(keys, asked)
    place[place == len(keys)] = 0
    return keys[place] == asked if len(keys) else np.zeros(len(rows), bool)
