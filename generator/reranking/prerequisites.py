"""Courses stand behind what is to be completed before them, or wait until it is."""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.nearest.parts import positions_of
from generator.reranking.rule import NOBODY, Given, Pool, Rule, Turns


class Prerequisites(Rule):
    """A course of which a user has not completed a prerequisite is left out, or comes after it.

    Behind means: not before those prerequisites that the list can still have. Of what is to be
    completed before these the same holds, so that a way is listed from its beginning. A list for
    everybody leaves nothing out, since it is not known who has completed what.
    """

    def __init__(self, dataset: Dataset, leaves_out: bool) -> None:
        self._dataset, self._leaves_out = dataset, leaves_out

    @classmethod
    def of(cls, given: Given) -> Self | None:
        how = given.settings.prerequisites
        if how == "ignore" or not given.dataset.prerequisites.nnz:
            return None
        return cls(given.dataset, how == "leave_out")

    @property
    def said(self) -> str:
        if self._leaves_out:
            return "without courses of which a prerequisite is not completed"
        return "courses come after prerequisites that are not completed"

    def over(self, pool: Pool) -> Turns:
        rows, columns, needed = self._missing(pool)
        if self._leaves_out and not (pool.subjects == NOBODY).all():
            left_out = np.zeros(pool.courses.shape, bool)
            left_out[rows, columns] = True
            return _LeftOut(left_out)
        return _Waiting(pool, rows, columns, needed)

    def _missing(
        self, pool: Pool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """Row and column of the pool, and a prerequisite of what is there that the subject has not
        completed: one of each for every such pair."""
        row, column = np.nonzero(pool.listed)
        needs: sp.csr_matrix = self._dataset.prerequisites[pool.courses[row, column]]
        entry = np.repeat(np.arange(len(row)), np.diff(needs.indptr))
        needed = needs.indices.astype(np.int32)
        subjects = pool.subjects[row[entry]]
        missing = (subjects == NOBODY) | ~self._dataset.has_finished(subjects, needed)
        return row[entry][missing], column[entry][missing], needed[missing]


class _LeftOut(Turns):
    def __init__(self, left_out: NDArray[np.bool_]) -> None:
        self._left_out = left_out

    def forbidden(self) -> NDArray[np.bool_]:
        return self._left_out


class _Waiting(Turns):
    """Counts, of each entry, the prerequisites in the pool that are not chosen yet.

    pool       c  b  a        c needs b, b needs a
    waits for  1  1  0        a is chosen: 1 0 0, then b: 0 0 0
    """

    def __init__(
        self,
        pool: Pool,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        needed: NDArray[np.int32],
    ) -> None:
        self._depth = pool.courses.shape[1]
        width = np.int64(max(int(pool.courses.max(initial=0)), int(needed.max(initial=0))) + 1)
        row, column = np.nonzero(pool.listed)
        there = row * width + pool.courses[row, column]
        by_course = np.argsort(there, kind="stable")
        wanted = rows * width + needed
        place = np.minimum(np.searchsorted(there[by_course], wanted), max(len(there) - 1, 0))
        in_pool = there[by_course][place] == wanted if len(there) else np.zeros(len(rows), bool)
        entry = by_course[place[in_pool]] if len(there) else np.zeros(0, np.int64)
        before = row[entry] * self._depth + column[entry]
        order = np.argsort(before, kind="stable")
        self._before = before[order]
        """int64: the flat place in the pool of a prerequisite, ascending."""
        after = rows[in_pool] * self._depth + columns[in_pool]
        self._after = after[order]
        """int64: that of an entry which waits for it."""
        self._waits_for = np.bincount(after, minlength=pool.courses.size)
        waiting = self._waits_for.reshape(pool.courses.shape).any(axis=1)
        self._as_chosen = np.asarray(waiting)

    def forbidden(self) -> NDArray[np.bool_]:
        return (self._waits_for > 0).reshape(-1, self._depth)

    def stays_as_chosen(self) -> NDArray[np.bool_]:
        return self._as_chosen

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        chosen = rows * self._depth + columns
        start = np.searchsorted(self._before, chosen)
        count = np.searchsorted(self._before, chosen, side="right") - start
        np.subtract.at(self._waits_for, self._after[positions_of(start, count)], 1)
