"""Columns of validated tables as row numbers, and rows in an order, without sorting them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.vocabulary import Vocabulary

UNDATED = np.iinfo(np.int64).min
"""What a missing date is as a number: before all others."""


def vocabulary_of(columns: Iterable[pd.Series]) -> Vocabulary:
    """Of all values that categorical columns may hold, in use or not."""
    distinct = [pd.Series(c.cat.categories) for c in columns if len(c.cat.categories)]
    return Vocabulary(pd.concat(distinct, ignore_index=True) if distinct else [])


def indices_of(vocabulary: Vocabulary, column: pd.Series) -> NDArray[np.int32]:
    """Row numbers, int32 per row; -1 where the column is empty."""
    places = np.append(vocabulary.index_of(column.cat.categories), np.int32(-1))
    indices: NDArray[np.int32] = places[column.cat.codes.to_numpy()]
    return indices


def microseconds(dates: pd.Series) -> NDArray[np.int64]:
    """Since 1970 in UTC; UNDATED where there is no date."""
    # NaT is the smallest int64.
    times: NDArray[np.int64] = dates.to_numpy("datetime64[us]").astype(np.int64)
    return times


def rows_by_time(times: NDArray[np.int64]) -> NDArray[np.int32]:
    """int32: the rows from the earliest to the latest, equal times by row."""
    # Millions of rows hold hundreds of days: only the distinct times are sorted.
    codes, distinct = pd.factorize(times)
    ranks = np.empty(len(distinct), np.int32)
    ranks[np.argsort(distinct)] = np.arange(len(distinct), dtype=np.int32)
    rows = np.arange(len(times), dtype=np.int32)
    return grouped(rows, ranks[codes], len(distinct))[0]


def grouped(
    rows: NDArray[np.int32], groups: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """`rows` by their group (int32 per row of the table, below `count`), else in the order given.

    Beside them int64 [count + 1]: where each group starts. Time and memory are linear.
    """
    places = np.arange(len(rows), dtype=np.int32)
    # A matrix with one entry a column: what makes it CSR is a stable counting sort.
    shape = (count, max(len(rows), 1))
    matrix = sp.coo_matrix((rows, (groups[rows], places)), shape=shape).tocsr()
    return matrix.data, matrix.indptr.astype(np.int64)


def last_of_each(
    by_time: NDArray[np.int32],
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    shape: tuple[int, int],
) -> NDArray[np.int32]:
    """int32: of the table's rows that meet in one cell of `shape`, the last of `by_time`.

    In the order of the cells.
    """
    by_cell, _ = grouped(by_time, columns, shape[1])
    by_cell, _ = grouped(by_cell, rows, shape[0])
    cells = rows[by_cell].astype(np.int64) * shape[1] + columns[by_cell]
    last: NDArray[np.int32] = by_cell[np.diff(cells, append=-1) != 0]
    return last


def links(
    rows: NDArray[np.int32], columns: NDArray[np.int32], shape: tuple[int, int]
) -> sp.csr_matrix:
    """float32 of `shape`: 1 where the two stand in one row of a table, however often."""
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    matrix.data[:] = 1
    return matrix
