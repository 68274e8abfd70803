"""Users who spent their time on the same courses are alike; what such users watched suits them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model, RunOptions, Task
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, themselves, top_n_of_neighbours
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import carrying_courses
from shared.records import ReasonKind


@dataclass(frozen=True)
class KnnConfig:
    k: int = field(
        default=200,
        metadata={"help": "Neighbours whose courses are recommended.", "search": (20, 500)},
    )
    shrink: float = field(
        default=20.0,
        metadata={
            "help": "Added to the length of every vector: the larger, the more evidence a "
            "neighbour needs. One hour on a course that 1 in 100 users watched has length 23.",
            "search": (1.0, 100.0),
        },
    )

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1. Received: k = {self.k}")
        if self.shrink < 0:
            raise ValueError(f"shrink must not be negative. Received: shrink = {self.shrink}")


class KnnUserCourseView(Model):
    """Damped cosine of view time vectors over all courses, and the neighbours' votes.

    A course viewed for t seconds weighs ``w = ln(1 + t / 60)``: long views count for more, but not
    in proportion. With U users who viewed anything, v of them this course, it stands in the user's
    vector as ``x = w * (ln((1 + U) / (1 + v)) + 1)``: a course everybody watches says little. The
    similarity of two users is ``x1 . x2 / ((|x1| + shrink) * (|x2| + shrink))``: the cosine over
    the full vectors, damped for users with little evidence (significance weighting, Herlocker et
    al. 1999, as a shrunk norm), so that it stays one product of sparse matrices. A course's score
    is the sum of similarity x w over the k nearest neighbours that viewed it.

    Knows users with some view time. Score of a user: 0 to 1, and below 1 for equal users. Cost:
    the sparse product of the user vectors with themselves; in memory 12 bytes a viewed pair.
    """

    handle = "knn_collab_filtering_user_course_view"
    title = "Shared view time (nearest neighbours)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Config = KnnConfig
    config: KnnConfig

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        minutes = (dataset.view_seconds / 60).log1p().tocsr().astype(np.float32)
        minutes.eliminate_zeros()
        viewers = np.bincount(minutes.indices, minlength=len(dataset.courses))
        n_users = np.count_nonzero(np.diff(minutes.indptr))
        rarity = np.log((1 + n_users) / (1 + viewers)) + 1
        vectors = minutes.multiply(rarity[None, :]).tocsr()
        lengths = np.sqrt(vectors.multiply(vectors).sum(axis=1).A1)
        self._viewers: NDArray[np.bool_] = lengths > 0
        damped = np.divide(1, lengths + self.config.shrink, where=self._viewers, out=lengths * 0)
        self._user_vectors = (sp.diags(damped) @ vectors).tocsr().astype(np.float32)
        self._users = SparseCandidates(self._user_vectors)
        self._minutes = minutes
        self._courses = SparseCandidates(minutes.T.tocsr())
        self._last_neighbours = LastNeighbours(self.config.k)

    def _knows(self) -> NDArray[np.bool_]:
        return self._viewers

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_sparse(
            self._user_vectors[users],
            self._users,
            n,
            exclude=themselves(users, len(self.dataset.users)),
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_of_neighbours(
            self._similar_users(users, self.config.k),
            self._courses,
            n,
            seen=self.dataset.seen[users],
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        return shared_features(self._user_vectors[users], self._user_vectors, listed)

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        neighbours = self._similar_users(users, self.config.k)
        return carrying_courses(neighbours, self._minutes, self._user_vectors, users, listed)
