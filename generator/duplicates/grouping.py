"""Pairs that are alike to groups in which all are alike.

DBSCAN (Ester et al. 1996) on the distances of candidate pairs finds what hangs together. A chain
hangs together too, so each cluster is then cut by complete linkage: the surest pairs first, two
groups are joined only if every pair across them is sure enough.

    a - b - c        DBSCAN: one cluster
    a ..... c        no candidates, or not alike: {a, b} and c stays alone
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from generator.duplicates.weighted import Rows

LARGEST_COMPARED = 200
"""A cluster of at most so many has all its pairs looked at; in a larger one, pairs that blocking
did not bring together count as different."""

Likeness = NDArray[np.float32]
Judge = Callable[[Rows, Rows], Likeness]


def groups_of(
    count: int, left: Rows, right: Rows, likeness: Likeness, threshold: float, judge: Judge
) -> Iterator[list[int]]:
    """Each group of two or more, ascending. Pairs are alike from `threshold` on.

    judge: the likeness of further pairs. Cost: the pairs, and those within small clusters.
    """
    alike = likeness >= threshold
    left, right, likeness = left[alike], right[alike], likeness[alike]
    if not len(left):
        return
    labels = _clusters(count, left, right, likeness, threshold)
    by_cluster = np.argsort(labels[left], kind="stable")
    bounds = np.searchsorted(labels[left][by_cluster], np.arange(labels.max() + 2))
    for start, stop in pairwise(bounds.tolist()):
        pairs = by_cluster[start:stop]
        yield from _cut(left[pairs], right[pairs], likeness[pairs], threshold, judge)


def _clusters(
    count: int, left: Rows, right: Rows, likeness: Likeness, threshold: float
) -> NDArray[np.int64]:
    """A label for each row, -1 for those that are alone."""
    # A stored 0 would be no entry to some: the nearest are a little apart.
    apart = np.maximum(1 - likeness, np.finfo(np.float32).eps).astype(np.float64)
    shape = (count, count)
    distances = sp.csr_matrix((apart, (left, right)), shape)
    near = DBSCAN(eps=1 - threshold + 1e-6, min_samples=2, metric="precomputed")
    labels: NDArray[np.int64] = near.fit((distances + distances.T).tocsr()).labels_
    return labels


def _cut(
    left: Rows, right: Rows, likeness: Likeness, threshold: float, judge: Judge
) -> Iterator[list[int]]:
    """The groups of one cluster by complete linkage."""
    rows = np.unique(np.concatenate([left, right]))
    if len(rows) == 2:
        yield rows.tolist()
        return
    if len(rows) <= LARGEST_COMPARED:
        first, second = np.triu_indices(len(rows), 1)
        left, right = rows[first], rows[second]
        likeness = judge(left, right)
        alike = likeness >= threshold
        left, right, likeness = left[alike], right[alike], likeness[alike]
    group_of = {row: {row} for row in rows.tolist()}
    pairs = set(zip(left.tolist(), right.tolist(), strict=True))
    for place in np.argsort(-likeness, kind="stable").tolist():
        ours, theirs = group_of[int(left[place])], group_of[int(right[place])]
        if ours is not theirs and all(
            (min(a, b), max(a, b)) in pairs for a in ours for b in theirs
        ):
            ours |= theirs
            group_of.update(dict.fromkeys(theirs, ours))
    for row in rows.tolist():
        if len(group_of[row]) > 1 and min(group_of[row]) == row:
            yield sorted(group_of[row])
