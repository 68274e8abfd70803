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
from generator.nearest.top_n import PADDING, TopN, empty_top_n

BYTES_PER_ENTRY = 64
"""A score and an index in the product's answer, and the copies that ordering them takes."""
MAX_ROWS_PER_BLOCK = 8192
DEEPER = 8


class Candidates:
    """Vectors to be searched again and again, equal ones stored once.

    Users with the same interests, or courses with the same tags, score the same for everybody:
    ranking one of them and naming all keeps a product small and its ties complete.
    """

    def __init__(self, vectors: sp.csr_matrix) -> None:
        """vectors: float32 [candidates, features] with sorted indices."""
        self.count = vectors.shape[0]
        # Equal rows give equal sums, and other rows the same 128 bits by accident only.
        random = np.random.default_rng(0)
        features = vectors.shape[1]
        fingerprints = vectors @ (random.random(features) + 1j * random.random(features))
        _, representatives, group = np.unique(fingerprints, return_index=True, return_inverse=True)
        self.by_feature = vectors[representatives].T.tocsr()
        self.members = np.argsort(group, kind="stable")
        self.sizes = np.bincount(group, minlength=len(representatives))
        self.first = np.cumsum(self.sizes) - self.sizes


def top_n_sparse(
    queries: sp.csr_matrix,
    candidates: Candidates,
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
    excluded = np.zeros(len(top.indices), int) if exclude is None else np.diff(exclude.indptr)
    rows, depth_factor = np.arange(len(top.indices)), 1
    while len(rows):
        unsettled = []
        # Rows with many exclusions ask for many more candidates; sorted, few others pay for them.
        order = rows[np.argsort(excluded[rows], kind="stable")]
        depths = np.minimum(
            (n + excluded[order] + 1) * depth_factor, candidates.by_feature.shape[1]
        )
        for block in _blocks(depths, memory_budget_bytes):
            of_block, depth = order[block], int(depths[block][-1])
            found = sp_matmul_topn(
                queries[of_block], candidates.by_feature, depth, sort=True, n_threads=threads
            )
            ranked = _members(found, candidates, n + excluded[of_block])
            settled = _write_best(ranked, found, depth, exclude, of_block, top)
            unsettled.append(of_block[~settled])
        rows, depth_factor = np.sort(np.concatenate(unsettled)), depth_factor * DEEPER
    return top


def _blocks(depths: NDArray[np.int64], budget_bytes: int) -> Iterator[slice]:
    """Ranges of rows, of ascending depth, whose answers fit into the budget."""
    start = 0
    while start < len(depths):
        stop = min(start + MAX_ROWS_PER_BLOCK, len(depths))
        while stop - start > 1 and (stop - start) * depths[stop - 1] * BYTES_PER_ENTRY > (
            budget_bytes
        ):
            stop = start + (stop - start) // 2
        yield slice(start, stop)
        start = stop


def _members(
    found: sp.csr_matrix, candidates: Candidates, wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Row, candidate and score of whoever may be among the `wanted` best of each row."""
    row = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    if not len(row):
        return row, row, found.data
    size = np.minimum(candidates.sizes[found.indices], wanted[row])
    before = np.cumsum(size) - size
    before -= np.repeat(before[np.minimum(found.indptr[:-1], len(row) - 1)], np.diff(found.indptr))
    # All groups of one score come in or none, since their members are ordered by index.
    run_starts = np.ones(len(row), bool)
    run_starts[1:] = (row[1:] != row[:-1]) | (found.data[1:] != found.data[:-1])
    better = before[run_starts][np.cumsum(run_starts) - 1]
    needed = (better < wanted[row]) & (found.data > 0)
    row, size, score, group = row[needed], size[needed], found.data[needed], found.indices[needed]
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    member = candidates.members[np.repeat(candidates.first[group], size) + within]
    return np.repeat(row, size), member, np.repeat(score, size)


def _write_best(
    ranked: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
    found: sp.csr_matrix,
    depth: int,
    exclude: sp.csr_matrix | None,
    rows: NDArray[np.int64],
    top: TopN,
) -> NDArray[np.bool_]:
    """Write each row's best into `top`; False where equal candidates may have been left out."""
    row, index, score = ranked
    if exclude is not None:
        allowed = ~_are_entries(exclude[rows], row, index)
        row, index, score = row[allowed], index[allowed], score[allowed]
    best = np.full((len(rows), top.indices.shape[1]), NOTHING)
    merge(best, row, keys_of(score, index))
    scores, listed = scores_of(best), best != NOTHING
    top.indices[rows] = np.where(listed, indices_of(best), PADDING)
    top.scores[rows] = np.where(listed, scores, 0)

    cut = (np.diff(found.indptr) == depth) & (depth < found.shape[1])
    least = np.full((len(rows), 1), -np.inf, np.float32)
    least[cut, 0] = found.data[found.indptr[1:][cut] - 1]
    settled: NDArray[np.bool_] = ~(listed & (scores <= least)).any(axis=1)
    return settled


def _are_entries(
    matrix: sp.csr_matrix, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """bool: whether each (row, column) is an entry of `matrix`."""
    width = matrix.shape[1]
    keys = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * width + matrix.indices
    asked = rows * width + columns
    place = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
    return keys[place] == asked if len(keys) else np.zeros(len(rows), bool)
