"""Reasons on row numbers to what the store keeps: names once, and numbers that point at them."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.reasons.reasons import Reasons
from shared.records import Handle, ListReasons, ReasonKind

PER_CENT = 100
Naming = Callable[[ReasonKind, NDArray[np.int32]], list[Handle]]


def stored_reasons(
    kind: ReasonKind,
    reasons: Reasons,
    users: NDArray[np.int32],
    listed: NDArray[np.int32],
    dataset: Dataset,
    named_by: Naming,
) -> list[ListReasons]:
    """One for each of `users`. listed: int32 [users, n], the users or courses that have them.

    named_by: what reasons of a kind are called, as `Model.named`.
    """
    named = reasons.indices >= 0
    row, entry, _ = np.nonzero(named)
    index = reasons.indices[named]
    width = int(index.max(initial=0)) + 1
    key, name_of = np.unique(row * width + index, return_inverse=True)
    name_row, name_index = np.divmod(key, width)
    first_name = np.searchsorted(name_row, np.arange(len(listed) + 1))
    columns = [name_of - first_name[row], np.rint(reasons.shares[named] * PER_CENT)]
    seconds: list[int] = []
    if kind in ("shared_courses", "watched_courses") and dataset.view_times_are_measured:
        seconds = _seconds(dataset.view_seconds, users[name_row], name_index).tolist()
    if kind == "shared_courses":
        columns.append(_seconds(dataset.view_seconds, listed[row, entry], index))
    entries = _entries(
        reasons.counts, row, entry, np.column_stack(columns).astype(np.int64), listed
    )
    names = named_by(kind, name_index.astype(np.int32))
    ends = first_name.tolist()
    return [
        ListReasons(names[start:end], seconds[start:end], of_row)
        for start, end, of_row in zip(ends[:-1], ends[1:], entries, strict=True)
    ]


def _seconds(
    view_seconds: sp.csr_matrix, users: NDArray[np.int32], courses: NDArray[np.int32]
) -> NDArray[np.int64]:
    if not len(users):
        return np.zeros(0, np.int64)
    found: NDArray[np.int64] = np.rint(np.asarray(view_seconds[users, courses])).ravel()
    return found.astype(np.int64)


def _entries(
    counts: NDArray[np.int32],
    row: NDArray[np.int64],
    entry: NDArray[np.int64],
    numbers: NDArray[np.int64],
    listed: NDArray[np.int32],
) -> list[list[list[int]]]:
    """For each row and listed entry its count, then the numbers of its reasons one by one."""
    filled = listed >= 0
    of_entry = np.cumsum(filled.ravel()) - 1
    reason_entry = of_entry[row * listed.shape[1] + entry]
    width = numbers.shape[1]
    lengths = 1 + width * np.bincount(reason_entry, minlength=np.count_nonzero(filled))
    starts = np.cumsum(lengths) - lengths
    flat = np.zeros(int(lengths.sum()), np.int64)
    flat[starts] = counts[filled]
    within = np.arange(len(reason_entry)) - np.searchsorted(reason_entry, reason_entry)
    at = starts[reason_entry] + 1 + width * within
    flat[at[:, None] + np.arange(width)] = numbers
    values, bounds = flat.tolist(), [*starts.tolist(), len(flat)]
    cut = [values[a:b] for a, b in pairwise(bounds)]
    ends = [0, *np.cumsum(filled.sum(axis=1)).tolist()]
    return [cut[a:b] for a, b in pairwise(ends)]
