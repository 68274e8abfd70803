"""Exact top-n of a product of dense matrices, in tiles, never the whole product.

A tile of scores is compared with each row's n-th best so far; after the first tiles hardly an entry
passes, so what is left is the matrix product and one pass over it.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generator.nearest.top_n import TopN, empty_top_n

TILE_ROWS = 2048
TILE_COLUMNS = 4096
BYTES_PER_ENTRY = 4 + 1
"""A score (float32) and its place in the mask."""


def top_n_dense(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    n: int,
    *,
    exclude: sp.csr_matrix | None = None,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` candidates with the largest dot product of each query row, negative ones too.

    queries: float32 [rows, size]. candidates: float32 [candidates, size].
    exclude: [rows, candidates], its entries are never listed. Equal scores: the lower index wins.
    Cost: 2 * rows * candidates * size FLOP; memory: one tile.
    """
    top = empty_top_n(len(queries), n)
    if not len(candidates):
        return top
    tile_rows, tile_columns = _tile(n, memory_budget_bytes)
    with threadpool_limits(threads, user_api="blas"):
        for start in range(0, len(queries), tile_rows):
            rows = slice(start, start + tile_rows)
            excluded = None if exclude is None else exclude[rows].tocsc()
            indices, scores = _top_n_of_block(queries[rows], candidates, n, excluded, tile_columns)
            width = indices.shape[1]
            missing = np.isneginf(scores)
            top.indices[rows, :width] = np.where(missing, -1, indices)
            top.scores[rows, :width] = np.where(missing, 0, scores)
    return top


def _tile(n: int, budget_bytes: int) -> tuple[int, int]:
    columns = max(TILE_COLUMNS, 4 * n)
    rows = min(TILE_ROWS, max(1, budget_bytes // (columns * BYTES_PER_ENTRY)))
    return rows, columns


def _top_n_of_block(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    n: int,
    excluded: sp.csc_matrix | None,
    tile_columns: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    rows = len(queries)
    best_indices = np.full((rows, n), len(candidates), np.int64)
    best_scores = np.full((rows, n), -np.inf, np.float32)
    scores_buffer = np.empty(rows * tile_columns, np.float32)
    mask_buffer = np.empty(rows * tile_columns, bool)
    for start, stop in _widening(len(candidates), n, tile_columns):
        shape = rows, stop - start
        tile = scores_buffer[: rows * shape[1]].reshape(shape)
        passing = mask_buffer[: rows * shape[1]].reshape(shape)
        np.matmul(queries, candidates[start:stop].T, out=tile)
        if excluded is not None:
            hidden = excluded[:, start:stop].tocoo()
            tile[hidden.row, hidden.col] = -np.inf
        # Later candidates have higher indices, so an equal score does not displace.
        np.greater(tile, best_scores[:, -1:], out=passing)
        row, column = np.divmod(np.flatnonzero(passing), shape[1])
        _merge(best_indices, best_scores, row, column + start, tile[row, column])
    return best_indices, best_scores


def _widening(candidates: int, n: int, widest: int) -> Iterator[tuple[int, int]]:
    """Column ranges that double: each then brings about n entries a row past the n-th best."""
    start, width = 0, min(4 * n, widest)
    while start < candidates:
        stop = min(start + width, candidates)
        yield start, stop
        width = min(stop, widest)
        start = stop


def _merge(
    best_indices: NDArray[np.int64],
    best_scores: NDArray[np.float32],
    row: NDArray[np.int64],
    index: NDArray[np.int64],
    score: NDArray[np.float32],
) -> None:
    """Put new entries, sorted by (row, index), into the best n of their rows, in place.

    One sort of whole numbers does it: row, score (descending) and place within the row are packed
    into 64 bits, and a row's entries stand in such order that of equal scores the lower index
    comes first.
    """
    if not len(row):
        return
    n = best_indices.shape[1]
    first = np.flatnonzero(np.diff(row, prepend=-1))
    touched = row[first]
    counts = np.diff(first, append=len(row))
    starts = np.concatenate([[0], np.cumsum(counts + n)[:-1]])
    place = np.arange(len(row)) - np.repeat(first - n, counts)
    place_bits = int(place.max()).bit_length()

    keys = np.empty(len(row) + n * len(touched), np.int64)
    local = np.arange(len(touched))
    in_best = starts[:, None] + np.arange(n)
    keys[in_best] = _packed(local[:, None], best_scores[touched], np.arange(n), place_bits)
    keys[np.repeat(starts, counts) + place] = _packed(
        np.repeat(local, counts), score, place, place_bits
    )
    keys.sort()
    kept = keys[in_best] & ((1 << place_bits) - 1)
    was_in = kept < n
    of_old = np.where(was_in, kept, 0)
    of_new = np.where(was_in, 0, first[:, None] + kept - n)
    for best, new in ((best_indices, index), (best_scores, score)):
        old = np.take_along_axis(best[touched], of_old, axis=1)
        best[touched] = np.where(was_in, old, new[of_new])


def _packed(
    row: NDArray[np.int64], score: NDArray[np.float32], place: NDArray[np.int64], place_bits: int
) -> NDArray[np.int64]:
    # Float bits compare like whole numbers once negatives are flipped; + 0 unites -0 and 0.
    bits = (score + np.float32(0)).view(np.int32).astype(np.int64)
    ascending = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    descending = 0x7FFFFFFF - ascending
    return (row << (32 + place_bits)) | (descending << place_bits) | place
