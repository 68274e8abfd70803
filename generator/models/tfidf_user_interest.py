"""Users who follow the same rare tags are alike; what such users watched suits them."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.dataset.view_weights import damped_minutes
from generator.models.base import ALL_WAYS, Model
from generator.models.carried import Carried
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, scores_by_votes, top_n_of_neighbours
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import carrying_features
from shared.kinds import KINDS, Entity, KindName
from shared.records import ReasonKind


class TfidfOptions(ModelOptions):
    k: Annotated[int, Searched(20, 500)] = Field(
        200, ge=1, le=100_000, description="Neighbours whose courses are recommended."
    )


class TfidfUserInterest(Model):
    """Cosine of TF-IDF vectors over interest tags (Salton & Buckley 1988).

    A user is the set of tags they follow: following a tag twice changes nothing. With U users who
    follow anything, df of whom follow the tag, a tag weighs ``ln((1 + U) / (1 + df)) + 1``, and
    vectors have length 1 (scikit-learn's smoothed TF-IDF). A course is the set of its tags in the
    same space: two courses are as similar as their tags, and the users for a course are those whose
    tags are its own.

    What is recommended are the votes of the k nearest users: the sum of similarity x ln(1 + minutes
    viewed). A course's tags alone say that it is about what somebody follows, and nothing of
    whether it is any good: by them, obscure courses of a single tag come first. They decide only
    where nobody has viewed anything.

    Assumes that followed tags say what somebody wants. Knows users who follow at least one tag, and
    courses that carry one. Score: cosine, 0 to 1, or the votes; only positive ones are listed.
    Cost: the sparse product of the user vectors with themselves: time by pairs of users that share
    a tag, memory 12 bytes a follow and a view.
    """

    handle = "tfidf_user_interest"
    title = "Shared interests (TF-IDF)"
    serves: ClassVar[tuple[KindName, ...]] = ALL_WAYS
    needs: ClassVar[tuple[Input, ...]] = ("interests",)
    wants: ClassVar[tuple[Input, ...]] = ("course_tags", "views")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        **dict.fromkeys(ALL_WAYS, "shared_tags"),
        "recommendations": "followed_tags",
    }
    Options = TfidfOptions
    config: TfidfOptions
    learned = ("_tag_weights", "_new_tag_weight")

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        followers = np.count_nonzero(np.diff(dataset.interests.indptr))
        following = np.bincount(dataset.interests.indices, minlength=len(dataset.tags))
        self._tag_weights = np.log((1 + followers) / (1 + following)) + 1
        self._new_tag_weight = float(np.log(1 + followers)) + 1

    def _prepare(self) -> None:
        self._vectors: dict[Entity, sp.csr_matrix] = {
            "user": self._weighted(self.dataset.interests),
            "course": self._weighted(self.dataset.course_tags),
        }
        self._candidates = cache(
            lambda entity: SparseCandidates(self._vectors[entity], self._search.order(entity))
        )
        self._minutes = damped_minutes(self.dataset.view_seconds)
        self._has_votes = self._minutes.nnz > 0
        self._watched = cache(
            lambda: SparseCandidates(self._minutes.T.tocsr(), self._search.order("course"))
        )
        self._last_neighbours = LastNeighbours(self.config.k)

    def _weighted(self, tags: sp.csr_matrix) -> sp.csr_matrix:
        """Rows of length 1, or without an entry."""
        vectors = tags.astype(np.float64)
        vectors.data *= self._tag_weights[vectors.indices]
        lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
        vectors.data /= np.repeat(lengths, np.diff(vectors.indptr))
        return vectors.astype(np.float32)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._tag_weights = carried.by_tag(self._tag_weights, self._new_tag_weight)

    def _take_in(self, few: FewUsers) -> None:
        theirs = self._weighted(few.dataset.interests)
        self._vectors = {**self._vectors, "user": few.into(self._vectors["user"], theirs)}
        self._last_neighbours = LastNeighbours(self.config.k)

    def _knows(self) -> NDArray[np.bool_]:
        return self._tagged("user")

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._tagged("course")

    def _tagged(self, entity: Entity) -> NDArray[np.bool_]:
        tagged: NDArray[np.bool_] = np.diff(self._vectors[entity].indptr) > 0
        return tagged

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._alike("similar_users", users, n)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        if not self._has_votes:
            return self._alike("recommendations", users, n)
        return top_n_of_neighbours(
            self._similar_users(users, self.config.k),
            self._watched(),
            n,
            salts=self._search.ties("recommendations", users).salts,
            seen=self._search.unlisted("recommendations", users),
            **self.run.limits,
        )

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        return self._alike("similar_courses", courses, n)

    def _course_users(self, courses: NDArray[np.int32], n: int) -> TopN:
        return self._alike("course_users", courses, n)

    def _alike(self, kind: KindName, subjects: NDArray[np.int32], n: int) -> TopN:
        queries = self._vectors[KINDS[kind].subject][subjects]
        return self._search.nearest(kind, subjects, queries, self._candidates(KINDS[kind].entry), n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        if self._has_votes:
            neighbours = self._similar_users(users, self.config.k)
            votes = scores_by_votes(neighbours, self._minutes, courses)
            watched = np.bincount(self._minutes.indices, minlength=len(self.dataset.courses)) > 0
            return np.where(watched[courses], votes, np.float32(np.nan))
        ours = self._vectors["user"][np.repeat(users, courses.shape[1])]
        theirs = self._vectors["course"][courses.ravel()]
        cosines = np.asarray(ours.multiply(theirs).sum(axis=1), np.float32).reshape(courses.shape)
        return np.where(self._knows_courses()[courses], cosines, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        vectors = self._vectors["user"]
        if kind == "recommendations" and self._has_votes:
            neighbours = self._similar_users(subjects, self.config.k)
            return carrying_features(neighbours, self._minutes, vectors, subjects, listed)
        queries = self._vectors[KINDS[kind].subject][subjects]
        return shared_features(queries, self._vectors[KINDS[kind].entry], listed)
