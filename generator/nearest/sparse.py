"""Exact top-n of a product of sparse matrices, never the whole product.

The work is `sparse_dot_topn`'s; this file adds what it leaves open: which of several equal
candidates are kept, and candidates that must not be listed.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sparse_dot_topn import sp_matmul_topn

from generator.nearest.best import NOTHING, indices_of, keys_of, merge, scores_of
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import PADDING, TopN, empty_top_n

BYTES_PER_ENTRY = 64
"""A score and an index in the product's answer, and the copies that ordering them takes."""
MAX_ROWS_PER_BLOCK = 8192
DEEPER = 8


def top_n_sparse(
    queries: sp.csr_matrix,
    candidates: SparseCandidates,
    n: int,
    *,
    exclude: sp.csr_matrix | None = None,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` candidates with the largest positive dot product of each query row.

    queries: float32 [rows, features]. exclude: [rows, candidates] with sorted indices, its entries
    are never listed. Equal scores: the lower index wins. Cost: that of the product; memory: n +
    excluded entries a row.
    """
    top = empty_top_n(queries.shape[0], n)
    if not candidates.by_feature.nnz:
        return top
    if exclude is None:
        exclude = sp.csr_matrix((len(top.indices), candidates.count), dtype=bool)
    wanted = n + np.diff(exclude.indptr)
    rows, depth_factor = np.arange(len(wanted)), 1
    while len(rows):
        unsettled = []
        # Rows with many exclusions ask for many more candidates; sorted, few others pay for them.
        order = rows[np.argsort(wanted[rows], kind="stable")]
        depths = np.minimum((wanted[order] + 1) * depth_factor, candidates.by_feature.shape[1])
        # A row may list more than were asked for, since equal candidates are asked for once.
        for block in _blocks(np.maximum(depths, wanted[order]), memory_budget_bytes):
            of_block, depth = order[block], int(depths[block][-1])
            found = sp_matmul_topn(
                queries[of_block],
                candidates.by_feature,
                depth,
                sort=True,
                threshold=0.0,
                n_threads=threads,
            )
            settled = _write_best(found, depth, candidates, exclude, of_block, top)
            unsettled.append(of_block[~settled])
        rows, depth_factor = np.sort(np.concatenate(unsettled)), depth_factor * DEEPER
    return top


def _blocks(widths: NDArray[np.int64], budget_bytes: int) -> Iterator[slice]:
    """Ranges of rows, of ascending width, whose answers fit into the budget."""
    start = 0
    while start < len(widths):
        stop = min(start + MAX_ROWS_PER_BLOCK, len(widths))
        while stop - start > 1 and (stop - start) * widths[stop - 1] * BYTES_PER_ENTRY > (
            budget_bytes
        ):
            stop = start + (stop - start) // 2
        yield slice(start, stop)
        start = stop


def _write_best(
    found: sp.csr_matrix,
    depth: int,
    candidates: SparseCandidates,
    exclude: sp.csr_matrix,
    rows: NDArray[np.int64],
    top: TopN,
) -> NDArray[np.bool_]:
    """Write each row's best into `top`; False where equal candidates may have been left out."""
    hidden, n = exclude[rows], top.indices.shape[1]
    keys = _keys_of_members(found, candidates, n + np.diff(hidden.indptr))
    keys[_are_entries(hidden, indices_of(keys))] = NOTHING
    keys.sort(axis=1)
    best = keys[:, :n]
    scores, listed = scores_of(best), best != NOTHING
    top.indices[rows] = np.where(listed, indices_of(best), PADDING)
    top.scores[rows] = np.where(listed, scores, 0)

    cut = (np.diff(found.indptr) == depth) & (depth < found.shape[1])
    least = np.full((len(rows), 1), -np.inf, np.float32)
    least[cut, 0] = found.data[found.indptr[1:][cut] - 1]
    settled: NDArray[np.bool_] = ~(listed & (scores <= least)).any(axis=1)
    return settled


def _keys_of_members(
    found: sp.csr_matrix, candidates: SparseCandidates, wanted: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """uint64 [rows, any]: all who may be among the `wanted` best of each row, in any order."""
    counts = np.diff(found.indptr)
    filled = np.arange(max(counts.max(), wanted.max())) < counts[:, None]
    keys = np.full(filled.shape, NOTHING)
    keys[filled] = keys_of(found.data, candidates.lowest[found.indices])
    merge(keys, *_others(found, candidates, wanted))
    return keys


def _others(
    found: sp.csr_matrix, candidates: SparseCandidates, wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Row and key of each group's members but its lowest, while fewer than `wanted` are better."""
    sizes = candidates.sizes[found.indices]
    several = np.flatnonzero(sizes > 1)
    sizes = sizes[several]
    row = np.searchsorted(found.indptr, several, side="right") - 1
    first_of_row = found.indptr[row]
    # All groups of one score come in or none, since their members are ordered by index.
    changes = np.flatnonzero(np.diff(found.data, prepend=np.float32(np.inf)))
    run = changes[np.searchsorted(changes, several, side="right") - 1]
    run = np.maximum(run, first_of_row)
    more = np.concatenate([[0], np.cumsum(sizes - 1)])
    more_before = more[np.searchsorted(several, run)] - more[np.searchsorted(several, first_of_row)]
    others = np.minimum(sizes, wanted[row] - (run - first_of_row + more_before)) - 1
    needed = others > 0
    row, others, group = row[needed], others[needed], found.indices[several[needed]]
    within = 1 + np.arange(others.sum()) - np.repeat(np.cumsum(others) - others, others)
    member = candidates.members[np.repeat(candidates.first[group], others) + within]
    score = np.repeat(found.data[several[needed]], others)
    return np.repeat(row, others), keys_of(score, member)


def _are_entries(matrix: sp.csr_matrix, columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool [rows, any]: whether each of a row's `columns` is an entry of `matrix`."""
    counts = np.diff(matrix.indptr)
    if (counts == 1).all():
        entries: NDArray[np.bool_] = columns == matrix.indices[:, None]
        return entries
    width = matrix.shape[1]
    keys = np.repeat(np.arange(len(counts)), counts) * width + matrix.indices
    asked = np.arange(len(counts))[:, None] * width + columns
    place = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
    return keys[place] == asked if len(keys) else np.zeros(asked.shape, bool)
