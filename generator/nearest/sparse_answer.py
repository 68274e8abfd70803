r"""From groups of equal candidates, best first, to a list of candidates.

    answer of a row           .9 A  .7 B  .7 C  .4 D  .4 E   4 wanted
    candidates in the group    1     3     2     1     2
    better ones                0     1     1     6     6     so that neither D nor E is needed
                                     \_ a tie _/
    list                      A1    the first 3 of B1 B2 B3 C1 C2, by `generator.nearest.ties`

Most entries are like A: a group of one, with a score of its own. They are listed as they are, and
only the others, the contested ones, are looked into. Arrays are flat, row after row, and rows are
taken some at a time, so that all of it stays in the processor's cache.
"""

from concurrent.futures import Executor
from functools import partial

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.parts import parts_of
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import PLACE_BITS, Ties
from generator.nearest.top_n import PADDING, TopN, empty_top_n, rounded

KEY_BITS = 64
PER_PART = 2**15
"""Entries of the product's answer, and candidates looked at."""


class Answer:
    """What the product gave for some rows, each row's groups by descending score."""

    def __init__(
        self, product: sp.csr_matrix, depth: int, candidates: SparseCandidates, ties: Ties
    ) -> None:
        """depth: how many groups each row was asked for."""
        self._product, self._candidates, self._ties = product, candidates, ties
        counts = np.diff(product.indptr)
        cut = (counts == depth) & (depth < product.shape[1])
        self._at_cut = np.full(len(counts), -np.inf, np.float32)
        self._at_cut[cut] = rounded(product.data[product.indptr[1:][cut] - 1])

    def best(self, hidden: sp.csr_matrix, n: int, pool: Executor) -> TopN:
        """hidden: [rows, candidates], not to be listed."""
        top = empty_top_n(len(self._at_cut), n)
        parts = parts_of(np.diff(self._product.indptr), PER_PART)
        list(pool.map(partial(self._write_best, hidden=hidden, top=top), parts))
        return top

    def _write_best(self, rows: slice, hidden: sp.csr_matrix, top: TopN) -> None:
        wanted = top.indices.shape[1] + np.diff(hidden.indptr[rows.start : rows.stop + 1])
        part = _Part(self._product, rows, self._candidates, wanted)
        for few in parts_of(part.costs / 2, PER_PART):
            of_all = slice(rows.start + few.start, rows.start + few.stop)
            counts, candidate, score = part.listed(few, self._ties.of(of_all))
            shown = ~_are_entries(hidden, of_all, counts, candidate)
            lists = TopN(top.indices[of_all], top.scores[of_all])
            _write(counts, candidate, score, shown, lists)

    def settles(self, best: TopN) -> NDArray[np.bool_]:
        """bool [rows]: False where equal candidates may have been left out."""
        doubtful = (best.scores > 0) & (best.scores <= self._at_cut[:, None])
        return np.asarray(~doubtful.any(axis=1))


class _Part:
    """The entries of some rows."""

    def __init__(
        self,
        product: sp.csr_matrix,
        rows: slice,
        candidates: SparseCandidates,
        wanted: NDArray[np.int64],
    ) -> None:
        start, stop = product.indptr[rows.start], product.indptr[rows.stop]
        self._indptr = product.indptr[rows.start : rows.stop + 1] - start
        self._group, self._score = product.indices[start:stop], rounded(product.data[start:stop])
        self._candidates = candidates
        self._is_contested = candidates.is_shared[self._group] | (self._score <= 0)
        same = self._score[1:] == self._score[:-1]
        self._is_contested[1:] |= same
        self._is_contested[:-1] |= same
        contested = np.flatnonzero(self._is_contested)
        row = np.searchsorted(self._indptr, contested, side="right") - 1
        run, count = self._looked_into(contested, row, wanted)
        needed = np.flatnonzero(count > 0)
        self._entry, self._row, self._run = contested[needed], row[needed], run[needed]
        """Of each contested entry that may be listed."""
        self._members = candidates.best_members(self._group[self._entry], count[needed])
        looked_at = np.bincount(self._row, self._members.costs, len(wanted))
        self.costs = np.diff(self._indptr) + looked_at
        """Of each row, in entries and in candidates."""

    def _looked_into(
        self, contested: NDArray[np.int64], row: NDArray[np.int64], wanted: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number of its run of equal scores in one row, and how many of its group may be listed."""
        score, sizes = self._score[contested], self._candidates.sizes[self._group[contested]]
        starts = np.ones(len(contested), bool)
        starts[1:] = (score[1:] != score[:-1]) | (row[1:] != row[:-1])
        run = np.cumsum(starts) - 1
        first = np.flatnonzero(starts)[run]
        more = np.cumsum(sizes - 1) - (sizes - 1)
        more_in_row = more[first] - more[np.searchsorted(row, row)]
        better = contested[first] - self._indptr[row] + more_in_row
        return run, np.where(score > 0, np.minimum(sizes, wanted[row] - better), 0)

    def listed(
        self, rows: slice, ties: Ties
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """How many candidates these rows have, and the candidates and scores in their order."""
        start, stop = self._indptr[rows.start], self._indptr[rows.stop]
        of_rows = slice(start, stop)
        candidate = self._candidates.lead[self._group[of_rows]]
        indptr, score = self._indptr[rows.start : rows.stop + 1] - start, self._score[of_rows]
        is_contested = self._is_contested[of_rows]
        if not is_contested.any():
            return np.diff(indptr), candidate, score
        part = slice(*np.searchsorted(self._row, [rows.start, rows.stop]).tolist())
        number, position = self._members.positions(part, ties.salts[self._row[part] - rows.start])
        looked_at = self._candidates.members[position]
        number += part.start
        _settle(looked_at, self._run[number], self._row[number] - rows.start, ties)
        counts = np.where(is_contested, 0, 1)
        counts[self._entry[part] - start] = np.bincount(
            number - part.start, minlength=part.stop - part.start
        )
        entry = np.repeat(np.arange(stop - start), counts)
        candidate = candidate[entry]
        candidate[is_contested[entry]] = looked_at
        after = np.concatenate([[0], np.cumsum(counts)])
        return np.diff(after[indptr]), candidate, score[entry]


def _settle(
    candidate: NDArray[np.int32], run: NDArray[np.int64], row: NDArray[np.int64], ties: Ties
) -> None:
    """Put each run of equal scores into order, in place; run and row are each candidate's."""
    if not len(run):
        return
    run = run - run[0]
    bits = len(run).bit_length()
    places = ties.places(row, candidate).astype(np.uint64)
    if int(run[-1]).bit_length() + bits + PLACE_BITS > KEY_BITS:
        order = np.lexsort((places, run))
    else:
        # Sorting numbers that say where they were takes a third of the time of finding that out.
        keys = run.astype(np.uint64) << np.uint64(PLACE_BITS + bits)
        keys |= places << np.uint64(bits)
        keys |= np.arange(len(run), dtype=np.uint64)
        keys.sort()
        order = (keys & np.uint64(2**bits - 1)).astype(np.int64)
    candidate[:] = candidate[order]


def _write(
    counts: NDArray[np.int64],
    candidate: NDArray[np.int32],
    score: NDArray[np.float32],
    shown: NDArray[np.bool_],
    top: TopN,
) -> None:
    """Write the first of each row's candidates that may be shown; counts: [rows]."""
    hits = np.flatnonzero(~shown)
    row = np.searchsorted(np.cumsum(counts), hits, side="right")
    counts = counts - np.bincount(row, minlength=len(counts))
    candidate, score = candidate[shown], score[shown]
    if not len(candidate):
        return
    places = np.arange(top.indices.shape[1])
    filled = places < counts[:, None]
    at = np.where(filled, (np.cumsum(counts) - counts)[:, None] + places, 0)
    top.indices[:] = np.where(filled, candidate[at], PADDING)
    top.scores[:] = np.where(filled, score[at], 0)


def _are_entries(
    matrix: sp.csr_matrix, rows: slice, counts: NDArray[np.int64], columns: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """bool: whether each of these rows' columns, `counts` a row, is an entry of `matrix`."""
    indptr = matrix.indptr[rows.start : rows.stop + 1]
    entries = matrix.indices[indptr[0] : indptr[-1]]
    row = np.arange(rows.stop - rows.start)
    if (np.diff(indptr) == 1).all():
        equal: NDArray[np.bool_] = columns == np.repeat(entries, counts)
        return equal
    keys = np.repeat(row, np.diff(indptr)) * matrix.shape[1] + entries
    asked = np.repeat(row, counts) * matrix.shape[1] + columns
    hits: NDArray[np.bool_] = np.append(keys, -1)[np.searchsorted(keys, asked)] == asked
    return hits
