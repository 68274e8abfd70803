"""The table of views as what is learned from it: sums, last levels, and the order of each user."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.indices import (
    grouped,
    indices_of,
    last_of_each,
    microseconds,
    rows_by_time,
)
from generator.dataset.interactions import Interactions
from generator.dataset.vocabulary import Vocabulary


@dataclass(frozen=True)
class ViewRows:
    """The columns of the table, one entry a row in each."""

    users: NDArray[np.int32]
    courses: NDArray[np.int32]
    levels: NDArray[np.int32]
    """-1 where the level is empty."""
    seconds: NDArray[np.float64]
    times: NDArray[np.int64]
    completed: NDArray[np.int8]
    """1, 0, or -1 where the table does not say."""
    by_time: NDArray[np.int32]
    """The rows in the order of time, rows without a date first, equal times by row."""
    shape: tuple[int, int]
    """Users and courses of all tables."""

    @classmethod
    def of(
        cls, table: pd.DataFrame, users: Vocabulary, courses: Vocabulary, levels: Vocabulary
    ) -> "ViewRows":
        times = microseconds(table["view_date"])
        return cls(
            users=indices_of(users, table["user_handle"]),
            courses=indices_of(courses, table["course_id"]),
            levels=indices_of(levels, table["level"]),
            seconds=table["view_time_seconds"].to_numpy(np.float64),
            times=times,
            completed=table["completed"].to_numpy(np.int8),
            by_time=rows_by_time(times),
            shape=(len(users), len(courses)),
        )

    def seconds_of_pairs(self) -> sp.csr_matrix:
        """float32 [users, courses]: summed over each pair's rows; 0 is an entry."""
        sums = sp.csr_matrix((self.seconds, (self.users, self.courses)), shape=self.shape)
        return sums.astype(np.float32)

    def last_levels(self) -> sp.csr_matrix:
        """int8 [users, courses]: 1 + index of the pair's last filled level."""
        filled = self.by_time[self.levels[self.by_time] >= 0]
        last = last_of_each(filled, self.users, self.courses, self.shape)
        entries = (self.levels[last] + 1).astype(np.int8)
        cells = (self.users[last], self.courses[last])
        return sp.csr_matrix((entries, cells), shape=self.shape)

    def completed_pairs(self) -> sp.csr_matrix:
        """bool [users, courses]: True where a row says so."""
        rows = np.flatnonzero(self.completed == 1)
        entries = np.ones(len(rows), bool)
        cells = (self.users[rows], self.courses[rows])
        return sp.csr_matrix((entries, cells), shape=self.shape)

    def interactions(self, listed: sp.csr_matrix) -> Interactions:
        """`listed`: bool [users, courses], the pairs in the table of completions, if it has any."""
        order, offsets = grouped(self.by_time, self.users, self.shape[0])
        users, courses, completed = self.users[order], self.courses[order], self.completed[order]
        if listed.nnz:
            in_table = np.asarray(listed[users, courses]).ravel()
            completed = np.where(in_table, 1, np.maximum(completed, 0)).astype(np.int8)
        seconds = self.seconds[order].astype(np.float32)
        return Interactions(offsets, courses, self.times[order], seconds, completed)
