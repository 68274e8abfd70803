"""Users who follow the same rare tags are alike; courses that carry those tags suit them."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model, RunOptions, Task
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import themselves
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.records import ReasonKind


class TfidfUserInterest(Model):
    """Cosine of TF-IDF vectors over interest tags (Salton & Buckley 1988).

    A user is the set of tags they follow: following a tag twice changes nothing. With U users who
    follow anything, df of whom follow the tag, a tag weighs ``ln((1 + U) / (1 + df)) + 1``, and
    vectors have length 1 (scikit-learn's smoothed TF-IDF). A course is the set of its tags in the
    same space, so a course's score is the cosine of its tags and the user's.

    Assumes that followed tags say what somebody wants. Knows users who follow at least one tag.
    Score: cosine, 0 to 1; only positive ones are listed. Cost: the sparse product of the user
    vectors with themselves: time by pairs of users that share a tag, memory 12 bytes a follow.
    """

    handle = "tfidf_user_interest"
    title = "Shared interests (TF-IDF)"
    needs: ClassVar[tuple[Input, ...]] = ("interests",)
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {
        "similar_users": "shared_tags",
        "recommendations": "shared_tags",
    }

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._followers: NDArray[np.bool_] = np.diff(dataset.interests.indptr) > 0
        weighting = TfidfTransformer().fit(dataset.interests[self._followers])
        self._user_vectors = _transformed(weighting, dataset.interests)
        self._users = SparseCandidates(self._user_vectors)
        self._course_vectors = _transformed(weighting, dataset.course_tags)
        self._courses = SparseCandidates(self._course_vectors)

    def _knows(self) -> NDArray[np.bool_]:
        return self._followers

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_sparse(
            self._user_vectors[users],
            self._users,
            n,
            exclude=themselves(users, len(self.dataset.users)),
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_sparse(
            self._user_vectors[users],
            self._courses,
            n,
            exclude=self.dataset.seen[users],
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        return shared_features(self._user_vectors[users], self._user_vectors, listed)

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        return shared_features(self._user_vectors[users], self._course_vectors, listed)


def _transformed(weighting: TfidfTransformer, tags: sp.csr_matrix) -> sp.csr_matrix:
    # The library refuses a matrix without rows, which is what data without courses gives.
    return weighting.transform(tags).tocsr().astype(np.float32) if tags.shape[0] else tags
