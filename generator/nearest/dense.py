"""Exact top-n of a product of dense matrices, in tiles, never the whole product.

A tile of float32 scores is made and read once while it is in cache: only what beats its row's n-th
best so far is kept, and after the first tiles hardly anything does. What is kept is scored again in
float64. Candidates come by descending length, and a row is done when none that is left is long
enough to matter (Cauchy-Schwarz; LEMP, Teflioudi, Gemulla & Mykytiuk 2015).
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.best import NOTHING, keys_of, merge, places_of, scores_of
from generator.nearest.dense_candidates import TILE_BITS, TILE_COLUMNS, DenseCandidates, lengths_of
from generator.nearest.ties import Salts, Ties
from generator.nearest.top_n import (
    PADDING,
    SCORE_DECIMALS,
    TopN,
    empty_top_n,
    ordered,
    rounded,
)
from generator.process.processors import one_blas_thread

TILE_ROWS = 1024
ROWS_STEP = 128
"""Tiles are filled up to a multiple: BLAS adds up in another order in small and odd shapes, and
scores must not depend on who else is asked for."""
SPARE = 32
"""Kept beside the n best, in case float64 brings one of them up."""
FIRST_TILES = 4
NUMBERS_PER_SLICE = 2**18
"""Of either side of the pairs that are multiplied in float64."""
KEYS_PER_BLOCK = 2**17
"""What is at hand for one thread: bringing new ones in takes ten times the memory."""
BYTES_PER_KEY = 64
"""Of a row's best so far, with the copies that ordering them takes."""


def top_n_dense(
    queries: NDArray[np.float32],
    candidates: DenseCandidates,
    n: int,
    *,
    salts: Salts,
    exclude: sp.csr_matrix | None = None,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` candidates with the largest dot product of each query row, negative ones too.

    queries: float32 [rows, size]. salts: uint32 [rows, 2], of whoever the rows are. exclude: [rows,
    all indices], its entries are never listed. Scores are products in float64, rounded to 6
    decimals; of equal ones those come first that `candidates.order` has first for the row. (Of
    candidates that float32 cannot tell from the n-th best, 32 are looked at in float64.)
    Cost: at most 2 * rows * candidates * size FLOP; memory: a tile a thread, and n + 32 entries a
    row.
    """
    top = empty_top_n(len(queries), n)
    if not candidates.count:
        return top
    step = max(ROWS_STEP, memory_budget_bytes // (BYTES_PER_KEY * (n + SPARE)))
    # Each tile is made and read by one thread: shared by two it would leave their caches.
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(queries), step):
            rows = slice(start, start + step)
            hidden = None if exclude is None else candidates.places(exclude[rows])
            ties = Ties(candidates.order, salts[rows])
            search = _Search(queries[rows], candidates, n, ties, hidden, threads)
            search.run(pool)
            top.indices[rows], top.scores[rows] = search.answer(pool)
    return top


class _Search:
    """Each row's best so far, and what a score must exceed to come among them."""

    def __init__(
        self,
        queries: NDArray[np.float32],
        candidates: DenseCandidates,
        n: int,
        ties: Ties,
        hidden: sp.csr_matrix | None,
        threads: int,
    ) -> None:
        self._queries, self._candidates, self._n = queries, candidates, n
        self._ties, self._hidden = ties, hidden
        self._keys = np.full((len(queries), n + SPARE), NOTHING)
        self._thresholds = np.full(len(queries), -np.inf, np.float32)
        self._lengths = lengths_of(queries)
        # What float32 may be off in either of two scores (Higham 2002, 3.1), and the rounding.
        unit = 2.0**-24 * (candidates.size + 4)
        self._slack = 10.0**-SCORE_DECIMALS + 2 * unit * self._lengths * candidates.longest
        self._threads = threads

    def run(self, pool: Executor) -> None:
        """Look at all candidates that can matter."""
        for tiles in _doubling(self._candidates.n_tiles):
            reach = self._lengths * self._candidates.reach[tiles.start] * (1 + 1e-6)
            unfinished = np.flatnonzero(reach >= self._thresholds)
            if not len(unfinished):
                return
            list(pool.map(partial(self._scan, tiles=tiles), self._blocks(unfinished)))

    def answer(self, pool: Executor) -> TopN:
        blocks = self._blocks(np.arange(len(self._queries)))
        parts = list(pool.map(self._scored, blocks))
        return TopN(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _blocks(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        steps = min(
            -(-len(rows) // (self._threads * ROWS_STEP)),
            max(1, KEYS_PER_BLOCK // (ROWS_STEP * self._keys.shape[1])),
        )
        size = min(TILE_ROWS, steps * ROWS_STEP)
        return (rows[start : start + size] for start in range(0, len(rows), size))

    def _scan(self, rows: NDArray[np.int64], tiles: range) -> None:
        """Bring what is good in these tiles among the best of these rows."""
        n_rows = -(-len(rows) // ROWS_STEP) * ROWS_STEP
        queries = np.zeros((n_rows, self._candidates.size), np.float32)
        queries[: len(rows)] = self._queries[rows]
        # Numpy compares two whole arrays in half the time that a column and an array take.
        thresholds = np.full((n_rows, TILE_COLUMNS), np.inf, np.float32)
        thresholds[: len(rows)] = self._thresholds[rows, None]
        scores = np.empty((n_rows, TILE_COLUMNS), np.float32)
        passing = np.empty(scores.shape, bool)
        keys, passed = self._keys[rows], _Passed()
        for tile, hidden in zip(tiles, self._hidden_by_tile(rows, tiles), strict=True):
            np.matmul(queries, self._candidates.tile(tile).T, out=scores)
            if hidden is not None:
                scores[hidden] = -np.inf
            if self._candidates.width(tile) < TILE_COLUMNS:
                scores[:, self._candidates.width(tile) :] = -np.inf
            np.greater(scores, thresholds, out=passing)
            passed.add(tile, np.flatnonzero(passing), scores)
            if 2 * passed.count > keys.size or tile == tiles[-1]:
                self._bring_in(keys, rows, *passed.take())
                thresholds[: len(rows)] = self._to_exceed(keys, rows)[:, None]
        self._keys[rows] = keys
        self._thresholds[rows] = thresholds[: len(rows), 0]

    def _bring_in(
        self,
        keys: NDArray[np.uint64],
        rows: NDArray[np.int64],
        row: NDArray[np.int64],
        position: NDArray[np.int64],
        score: NDArray[np.float32],
    ) -> None:
        """Merge candidates at these positions into the `keys` of these rows."""
        candidate = self._candidates.index_at[position]
        new = keys_of(rounded(score), self._ties.places(rows[row], candidate))
        better = np.flatnonzero(new < keys[row, -1])
        merge(keys, row[better], new[better])

    def _to_exceed(self, keys: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        nth = scores_of(keys[:, self._n - 1]) - self._slack[rows]
        # Whatever is rounded to the last one's score may come before it among equals.
        last = scores_of(keys[:, -1]) - 0.5 * 10.0**-SCORE_DECIMALS
        above: NDArray[np.float32] = np.maximum(nth, last).astype(np.float32)
        return np.nextafter(above, np.float32(-np.inf))

    def _hidden_by_tile(
        self, rows: NDArray[np.int64], tiles: range
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]] | None]:
        """Rows of the block and columns of the tile that may not be listed."""
        if self._hidden is None:
            yield from (None for _ in tiles)
            return
        hidden = self._hidden[rows]
        row = np.repeat(np.arange(len(rows)), np.diff(hidden.indptr))
        by_place = np.argsort(hidden.indices, kind="stable")
        row, place = row[by_place], hidden.indices[by_place]
        starts = np.searchsorted(place, TILE_COLUMNS * np.arange(tiles.start, tiles.stop + 1))
        column = place % TILE_COLUMNS
        for start, stop in pairwise(starts.tolist()):
            yield (row[start:stop], column[start:stop]) if stop > start else None

    def _scored(self, rows: NDArray[np.int64]) -> TopN:
        """These rows' best in float64, those that the n-th may be mistaken for included."""
        keys = self._keys[rows]
        scores = scores_of(keys)
        least = scores[:, self._n - 1] - self._slack[rows]
        finalist = (scores > -np.inf) & (scores >= least[:, None])
        # Keys ascend, so that finalists come first.
        width = max(self._n, int(finalist.sum(axis=1).max()))
        keys, finalist = keys[:, :width], finalist[:, :width]
        ties = self._ties.of(rows)
        row, column = np.nonzero(finalist)
        candidate = ties.order.entries_at(ties.salts[row], places_of(keys[finalist]))
        exact = np.zeros(finalist.shape)
        step = max(1, NUMBERS_PER_SLICE // self._candidates.size)
        for start in range(0, len(row), step):
            pairs = slice(start, start + step)
            left = self._queries[rows[row[pairs]]]
            right = self._candidates.of(candidate[pairs])
            exact[row[pairs], column[pairs]] = np.einsum(
                "ps,ps->p", left.astype(np.float64), right.astype(np.float64)
            )
        indices = np.full(finalist.shape, PADDING, np.int32)
        indices[finalist] = candidate
        ranked = ordered(TopN(indices, exact.astype(np.float32)), ties)
        return TopN(ranked.indices[:, : self._n], ranked.scores[:, : self._n])


class _Passed:
    """Entries of several tiles that passed, until enough of them are there to be merged."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, NDArray[np.int64], NDArray[np.float32]]] = []
        self.count = 0

    def add(self, tile: int, where: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """where: positions in the flattened scores of the tile."""
        self._parts.append((tile, where, scores.ravel()[where]))
        self.count += len(where)

    def take(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Row, position among all candidates, and score of each entry; none are left."""
        tiles, wheres, scores = zip(*self._parts, strict=True)
        tile = np.repeat(tiles, [len(where) for where in wheres])
        self._parts, self.count = [], 0
        where = np.concatenate(wheres)
        # Whole numbers are divided bit by bit, and there may be millions.
        row, column = where >> TILE_BITS, where & (TILE_COLUMNS - 1)
        return row, (tile << TILE_BITS) | column, np.concatenate(scores)


def _doubling(n_tiles: int) -> Iterator[range]:
    start, stop = 0, min(FIRST_TILES, n_tiles)
    while start < n_tiles:
        yield range(start, stop)
        start, stop = stop, min(2 * stop, n_tiles)
