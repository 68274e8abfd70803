"""Recommendations where each of a user's courses speaks for others, and what they say adds up."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.few_users import FewUsers
from generator.models.base import Model
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.kinds import KindName
from shared.records import ReasonKind

BYTES_PER_SCORE = 4 * 6
"""A score, sparse and dense."""
MAX_ROWS_PER_BLOCK = 4096


class ItemBased(Model):
    """A user's score of a course is the sum of what the user's courses say of it.

    That is one product of two sparse matrices: what a model counts of each user, and what its
    `_prepare` hands to `_ask`; its terms are the reasons. Lists of similar courses are its own.
    """

    serves: ClassVar[tuple[KindName, ...]] = ("recommendations", "similar_courses")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}

    @abstractmethod
    def _counted(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: what each watched course counts."""

    def _ask(self, said: sp.csr_matrix) -> None:
        """said: float32 [courses, courses], what the row says of the column."""
        self._users, self._said = self._counted(self.dataset), said
        self._speaking: NDArray[np.bool_] = np.diff(said.indptr) > 0
        # Row j: what every course says of course j.
        self._said_of = said.T.tocsr()
        self._on: NDArray[np.bool_] = self._speaking | (np.diff(self._said_of.indptr) > 0)
        self._next = SparseCandidates(self._said_of, self._search.order("course"))

    def _take_in(self, few: FewUsers) -> None:
        self._users = few.into(self._users, self._counted(few.dataset))

    def _knows(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = self._users @ self._speaking.astype(np.float32) > 0
        return knows

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._on

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._users[users]
        return self._search.nearest("recommendations", users, queries, self._next, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = np.full(courses.shape, np.nan, np.float32)
        for start in range(0, len(users), step := self._rows_that_fit()):
            rows = slice(start, start + step)
            added = (self._users[users[rows]] @ self._said).toarray()
            scores[rows] = np.take_along_axis(added, courses[rows], axis=1)
        return np.where(self._on[courses], scores, np.float32(np.nan))

    def _rows_that_fit(self) -> int:
        fitting = self.run.memory_budget_bytes // (BYTES_PER_SCORE * max(len(self._on), 1))
        return min(max(1, fitting), MAX_ROWS_PER_BLOCK)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        return shared_features(self._users[subjects], self._said_of, listed)

    def _each(self, courses: NDArray[np.int32]) -> sp.csr_matrix:
        """float32 [courses asked, courses]: one who has watched this course alone, once."""
        ones, rows = np.ones(len(courses), np.float32), np.arange(len(courses) + 1)
        return sp.csr_matrix((ones, courses, rows), shape=(len(courses), len(self._on)))
