"""Courses that are the same course: one of each group stands for it, and is listed once."""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.reranking.rule import NOBODY, Given, Pool, Rule, Turns
from shared.kinds import KINDS


class Duplicates(Rule):
    """A group has the place of its best entry, and who has seen one of it has seen it.

    A course's own group is not among the courses like it.
    """

    kinds = ("recommendations", "similar_courses")

    def __init__(self, stands_for: NDArray[np.int32], seen: sp.csr_matrix) -> None:
        """stands_for: int32 [courses], what is listed for each. seen: [users, courses]."""
        self.stands_for = self._stands_for = stands_for
        self._seen = seen
        self._merged = int((stands_for != np.arange(len(stands_for))).sum())

    @classmethod
    def of(cls, given: Given) -> Self | None:
        stands_for = given.stands_for
        if stands_for is None or (stands_for == np.arange(len(stands_for))).all():
            return None
        return cls(stands_for, given.dataset.seen)

    @property
    def said(self) -> str:
        return f"without {self._merged:,} courses for which another stands"

    def over(self, pool: Pool) -> Turns:
        # Another of the group may be listed, where the one that stands for it is not on offer.
        groups = self._stands_for[pool.courses]
        return _Merging((_again(groups) | self._known(pool, groups)) & pool.listed)

    def _known(self, pool: Pool, groups: NDArray[np.int32]) -> NDArray[np.bool_]:
        """bool [rows, depth]: the subject's own, or of a group of which it has seen something."""
        if KINDS[pool.kind].subject == "course":
            return np.asarray(groups == self._stands_for[pool.subjects][:, None])
        if (pool.subjects == NOBODY).all():
            return np.zeros(groups.shape, bool)
        seen, width = self._seen[pool.subjects], np.int64(len(self._stands_for))
        rows = np.repeat(np.arange(len(groups)), np.diff(seen.indptr))
        keys = np.arange(len(groups))[:, None] * width + groups
        return np.isin(keys, rows * width + self._stands_for[seen.indices])


class _Merging(Turns):
    def __init__(self, taken: NDArray[np.bool_]) -> None:
        self._taken = taken

    def forbidden(self) -> NDArray[np.bool_]:
        return self._taken


def offered_instead(
    stands_for: NDArray[np.int32], hidden: NDArray[np.bool_], viewers: NDArray[np.int64]
) -> NDArray[np.int32]:
    """int32 [courses]: the same, but where that one is hidden the most viewed one that is not."""
    best = np.lexsort((np.arange(len(viewers)), -viewers, hidden, stands_for))
    groups = stands_for[best]
    is_first = np.diff(groups, prepend=-1) != 0
    instead = np.full(len(stands_for), -1, np.int32)
    instead[groups[is_first]] = best[is_first]
    gone = hidden[stands_for]
    return np.where(gone, instead[stands_for], stands_for).astype(np.int32)


def _again(groups: NDArray[np.int32]) -> NDArray[np.bool_]:
    """bool [rows, depth]: True where the same group stands further to the left."""
    order = np.argsort(groups, axis=1, kind="stable")
    by_group = np.take_along_axis(groups, order, axis=1)
    repeated = np.zeros(groups.shape, bool)
    repeated[:, 1:] = by_group[:, 1:] == by_group[:, :-1]
    again = np.empty_like(repeated)
    np.put_along_axis(again, order, repeated, axis=1)
    return again
