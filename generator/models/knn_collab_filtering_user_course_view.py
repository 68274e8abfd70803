"""Users who spent their time on the same courses are alike; what such users watched suits them."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.dataset.few_users import FewUsers
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, Islands
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, scores_by_votes, top_n_of_neighbours
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import carrying_features
from shared.kinds import KindName
from shared.records import ReasonKind

VIEWS_OF_NEIGHBOURS = 2000
"""Fewer votes than this are scattered: where users have few views, more of them are asked."""
FEWEST, MOST = 200, 500


class KnnOptions(ModelOptions):
    k: Annotated[int, Searched(20, 500)] = Field(
        0,
        ge=0,
        le=100_000,
        description="Neighbours whose courses are recommended; 0 takes as many as have 2,000 views "
        "together, from 200 to 500.",
    )
    shrink: Annotated[float, Searched(1.0, 100.0)] = Field(
        20.0,
        ge=0,
        description="Added to the length of every vector: the larger, the more evidence a "
        "neighbour needs. One hour on a course that 1 in 100 users watched has length 23.",
    )
    popularity_damping: Annotated[float, Searched(0.0, 0.5)] = Field(
        0.2,
        ge=0,
        le=1,
        description="Votes for a course are divided by its viewers to this power: at 0 what most "
        "neighbours watched comes first, whoever else did.",
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class KnnUserCourseView(Model):
    """Damped cosine of view time vectors over all courses, and the neighbours' votes.

    A course viewed for t seconds weighs ``w = ln(1 + t / 60)``: long views count for more, but not
    in proportion; with `reviews` times what the user's rating makes of it (`generator.dataset.
    evidence`). With U users who viewed anything, v of them this course, it stands in the user's
    vector as ``x = w * (ln((1 + U) / (1 + v)) + 1)``: a course everybody watches says little. The
    similarity of two users is ``x1 . x2 / ((|x1| + shrink) * (|x2| + shrink))``: the cosine over
    the full vectors, damped for users with little evidence (significance weighting, Herlocker et
    al. 1999, as a shrunk norm), so that it stays one product of sparse matrices. A course's score
    is the sum of similarity x w over the k nearest neighbours that viewed it, divided by ``v **
    popularity_damping``. Two courses are as similar by the same formula with the roles changed: a
    user who watches everything says little.

    Assumes that whoever watched the same courses for long goes on alike. Knows users who share a
    course with somebody, and the courses of such users. Score of a user or a similar course: 0 to
    1, and below 1 for equal ones. Cost: the sparse product of the user vectors with themselves; in
    memory 12 bytes a viewed pair.
    """

    handle = "knn_collab_filtering_user_course_view"
    title = "Shared view time (nearest neighbours)"
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations", "similar_courses")
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Options = KnnOptions
    config: KnnOptions
    learned = ("_evidence", "_k", "_rarity", "_new_rarity", "_popularity", "_course_vectors")

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        evidence = Evidence.of(dataset, self.config.reviews)
        self._evidence = evidence.learned
        minutes = evidence.minutes(dataset)
        viewing = int(np.count_nonzero(np.diff(minutes.indptr)))
        enough = VIEWS_OF_NEIGHBOURS * viewing // max(minutes.nnz, 1)
        self._k = self.config.k or min(max(enough, FEWEST), MOST)
        self._rarity = _rarity(minutes)
        self._new_rarity = float(np.log(1 + viewing)) + 1
        viewers = np.bincount(minutes.indices, minlength=minutes.shape[1])
        self._popularity = np.maximum(viewers, 1.0) ** self.config.popularity_damping
        by_course = minutes.T.tocsr()
        self._course_vectors = _damped(by_course, _rarity(by_course), self.config.shrink)

    def _prepare(self) -> None:
        minutes = Evidence(**self._evidence).minutes(self.dataset)
        self._votes = (minutes @ sp.diags(1 / self._popularity)).tocsr().astype(np.float32)
        islands = Islands(minutes)
        self._sharing: NDArray[np.bool_] = islands.of_user != NOWHERE
        self._shared: NDArray[np.bool_] = islands.of_course != NOWHERE
        self._user_vectors = _damped(minutes, self._rarity, self.config.shrink)
        self._users = SparseCandidates(self._user_vectors, self._search.order("user"))
        self._courses = SparseCandidates(self._votes.T.tocsr(), self._search.order("course"))
        self._similar = cache(
            lambda: SparseCandidates(self._course_vectors, self._search.order("course"))
        )
        self._last_neighbours = LastNeighbours(self._k)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._rarity = carried.by_course(self._rarity, self._new_rarity)
        self._popularity = carried.by_course(self._popularity, 1)
        self._course_vectors = carried.rows_of_courses(self._course_vectors)

    def _take_in(self, few: FewUsers) -> None:
        minutes = Evidence(**self._evidence).minutes(few.dataset)
        vectors = _damped(minutes, self._rarity, self.config.shrink)
        self._user_vectors = few.into(self._user_vectors, vectors)
        shares = minutes @ self._shared.astype(np.float32) > 0
        self._sharing = few.put(self._sharing, shares)
        self._last_neighbours = LastNeighbours(self._k)

    def _knows(self) -> NDArray[np.bool_]:
        return self._sharing

    def _knows_courses(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = self._shared & (np.diff(self._course_vectors.indptr) > 0)
        return knows

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._search.nearest(
            "similar_users", users, self._user_vectors[users], self._users, n
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_of_neighbours(
            self._similar_users(users, self._k),
            self._courses,
            n,
            salts=self._search.ties("recommendations", users).salts,
            seen=self._search.unlisted("recommendations", users),
            **self.run.limits,
        )

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        queries = self._course_vectors[courses]
        return self._search.nearest("similar_courses", courses, queries, self._similar(), n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        neighbours = self._similar_users(users, self._k)
        votes = scores_by_votes(neighbours, self._votes, courses)
        return np.where(self._shared[courses], votes, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        if kind == "similar_users":
            return shared_features(self._user_vectors[subjects], self._user_vectors, listed)
        neighbours = self._similar_users(subjects, self._k)
        return carrying_features(neighbours, self._votes, self._user_vectors, subjects, listed)


def _rarity(minutes: sp.csr_matrix) -> NDArray[np.float64]:
    """float64 [columns]: ``ln((1 + rows) / (1 + rows with an entry here)) + 1``."""
    entries = np.bincount(minutes.indices, minlength=minutes.shape[1])
    rows = np.count_nonzero(np.diff(minutes.indptr))
    return np.log((1 + rows) / (1 + entries)) + 1


def _damped(minutes: sp.csr_matrix, rarity: NDArray[np.float64], shrink: float) -> sp.csr_matrix:
    """float32: each row times the rarity of its columns, over its length + `shrink`."""
    vectors = minutes.multiply(rarity[None, :]).tocsr()
    lengths = np.sqrt(vectors.multiply(vectors).sum(axis=1).A1)
    damped = np.divide(1, lengths + shrink, where=lengths > 0, out=np.zeros_like(lengths))
    return (sp.diags(damped) @ vectors).tocsr().astype(np.float32)
