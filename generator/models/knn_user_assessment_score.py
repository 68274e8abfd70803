"""Users who are about as good at the same things are alike; courses of those a little ahead suit.

assessment   user z   neighbour z   alike  1 - (difference ** 2) / 2
python         .4          .9        .88   and ahead by .5
sql            .1         -.2        .96   and behind by .3
drawing       1.2          -          -    not shared: says nothing
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.indices import UNDATED
from generator.dataset.view_weights import MICROSECONDS_PER_DAY, minutes_since
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.parts import parts_of
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.vectors import row_products
from generator.nearest.votes import LastNeighbours, scores_by_votes, top_n_of_neighbours
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import strongest_voters
from shared.kinds import KindName
from shared.records import ReasonKind

FAR = 2.0
"""Standard deviations from the mean at which scores are cut: one odd test outweighs no other."""
FEATURES = 3
"""Of an assessment: what it takes to write a squared difference as a product."""
ENTRIES_PER_PART = 2**20


class AssessmentOptions(ModelOptions):
    k: Annotated[int, Searched(20, 500)] = Field(
        200, ge=1, le=100_000, description="Neighbours whose courses are recommended."
    )
    shrink: Annotated[float, Searched(1.0, 100.0)] = Field(
        20.0,
        ge=0,
        description="An assessment that n users took counts n / (n + shrink): one that few took "
        "says little.",
    )
    damping: Annotated[float, Searched(0.1, 10.0)] = Field(
        2.0,
        ge=0,
        description="Added to the number of assessments of every user: the larger, the more of "
        "them a neighbour has to share.",
    )
    ahead: Annotated[float, Searched(0.0, 4.0)] = Field(
        2.0,
        ge=0,
        le=20,
        description="How much more the courses of neighbours with higher scores count: at 0 not, "
        "at 2 1.8 times as much one standard deviation ahead, a quarter one behind.",
    )


class KnnUserAssessmentScore(Model):
    """Nearness of standardised scores, and the courses of neighbours who are a little ahead.

    A user's last score in an assessment becomes ``z``, standard deviations from the mean of all who
    took it, cut at 2. Two users are as alike in it as ``1 - (z1 - z2) ** 2 / 2``: 1 for the same
    score, 0 for two drawn by lot (whose squared difference is 2 in the mean), below 0 for others.
    With a weight of ``w = n / (n + shrink)`` for an assessment that n users took, and m for the sum
    of a user's weights, the similarity is ``sum of w * alike over what both took / sqrt((m1 +
    damping) * (m2 + damping))``. A cosine of z would call two users near the mean opposites, and a
    beginner in one test the same as a master in another. Both factors of the squared difference are
    vectors, ``(1 - z1 ** 2 / 2, z1, 1) . (1, z2, -z2 ** 2 / 2)``, so it is a sparse product, exact.

    A course's score is the sum over the k nearest of ``similarity * 2 / (1 + exp(-ahead * d)) *
    ln(1 + minutes viewed)``, d being the mean of z2 - z1 over what both took, by weight. Of a
    neighbour those courses count that they took up on the day of their first assessment or later;
    all of them, where either has no date.

    Assumes that assessments are of skills that courses teach. Knows users who share an assessment
    with somebody. Score: 0 to 1, or the votes. Cost: time by pairs of users who share an
    assessment; in memory 72 bytes an assessment and 12 a viewed pair.
    """

    handle = "knn_user_assessment_score"
    title = "Alike in assessments (nearest neighbours)"
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations")
    needs: ClassVar[tuple[Input, ...]] = ("assessments",)
    wants: ClassVar[tuple[Input, ...]] = ("views", "interactions")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_assessments",
        "recommendations": "neighbours",
    }
    Options = AssessmentOptions
    config: AssessmentOptions
    learned = ("_means", "_deviations", "_weights")

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        tests, tags = dataset.assessments, len(dataset.tags)
        took = np.bincount(tests.indices, minlength=tags)
        scores = tests.data.astype(np.float64)
        self._means = _sums(tests, scores, tags) / np.maximum(took, 1)
        apart = scores - self._means[tests.indices]
        self._deviations = np.sqrt(_sums(tests, apart**2, tags) / np.maximum(took, 1))
        self._weights = took / np.maximum(took + self.config.shrink, 1)

    def _prepare(self) -> None:
        tests = self.dataset.assessments
        weights, deviations = self._weights[tests.indices], self._deviations[tests.indices]
        apart = tests.data - self._means[tests.indices]
        z = np.divide(apart, deviations, where=deviations > 0, out=np.zeros_like(apart))
        z = np.clip(z, -FAR, FAR)
        self._took = _like(tests, np.ones(tests.nnz))
        self._z = _like(tests, z)
        self._weighted = _like(tests, weights)
        self._weighted_z = _like(tests, weights * z)
        totals = np.asarray(self._weighted.sum(axis=1), np.float64).ravel()
        damped = np.sqrt(np.maximum(totals + self.config.damping, np.finfo(np.float32).tiny))
        per_entry = np.repeat(damped, np.diff(tests.indptr))[:, None]
        ones, halves = np.ones_like(z), z**2 / 2
        self._queries = _expanded(tests, np.stack([1 - halves, z, ones], axis=1) / per_entry)
        self._vectors = _expanded(
            tests, weights[:, None] * np.stack([ones, z, -halves], axis=1) / per_entry
        )
        self._users = SparseCandidates(self._vectors, self._search.order("user"))
        self._taken = minutes_since(self.dataset, _first_days(self.dataset))
        self._courses = cache(
            lambda: SparseCandidates(self._taken.T.tocsr(), self._search.order("course"))
        )
        self._last_neighbours = LastNeighbours(self.config.k)
        self._last_voters = LastNeighbours(self.config.k)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._means = carried.by_tag(self._means, 0)
        self._deviations = carried.by_tag(self._deviations, 0)
        self._weights = carried.by_tag(self._weights, 0)

    def _knows(self) -> NDArray[np.bool_]:
        takers = np.bincount(self._took.indices, minlength=len(self.dataset.tags))
        shared = (takers > 1) & (self._weights > 0)
        knows: NDArray[np.bool_] = self._took @ shared.astype(np.float32) > 0
        return knows

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._search.nearest("similar_users", users, self._queries[users], self._users, n)

    def _voters(self, users: NDArray[np.int32]) -> TopN:
        return self._last_voters.of(users, self.config.k, self._weighed, self.run)

    def _weighed(self, users: NDArray[np.int32], k: int) -> TopN:
        """The k nearest of each user, with what their courses count: more for those ahead."""
        nearest = self._similar_users(users, k)
        ahead = self._ahead(users, nearest.indices)
        counts = 2 / (1 + np.exp(-self.config.ahead * ahead))
        return nearest._replace(scores=(nearest.scores * counts).astype(np.float32))

    def _ahead(
        self, users: NDArray[np.int32], neighbours: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """float64 [users, k]: mean of the neighbour's z less the user's, over what both took."""
        ahead = np.zeros(neighbours.shape)
        row, column = np.nonzero(neighbours >= 0)
        user, neighbour = users[row], neighbours[row, column]
        of_user = np.diff(self._took.indptr)
        for part in parts_of(of_user[user] + of_user[neighbour], ENTRIES_PER_PART):
            ours, theirs = user[part], neighbour[part]
            shared = row_products(self._took[ours], self._weighted[theirs])
            gained = row_products(self._took[ours], self._weighted_z[theirs]).astype(np.float64)
            gained -= row_products(self._z[ours], self._weighted[theirs])
            shares = np.maximum(shared, np.finfo(np.float32).tiny)
            ahead[row[part], column[part]] = gained / shares
        return ahead

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_of_neighbours(
            self._voters(users),
            self._courses(),
            n,
            salts=self._search.ties("recommendations", users).salts,
            seen=self._search.unlisted("recommendations", users),
            **self.run.limits,
        )

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        votes = scores_by_votes(self._voters(users), self._taken, courses)
        taken = np.bincount(self._taken.indices, minlength=len(self.dataset.courses)) > 0
        return np.where(taken[courses], votes, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        if kind == "recommendations":
            return strongest_voters(self._voters(subjects), self._taken, listed)
        tags = np.arange(len(self.dataset.tags) * FEATURES)
        of_assessment = sp.csr_matrix(
            (np.ones(len(tags), np.float32), (tags, tags // FEATURES)),
            shape=(len(tags), len(self.dataset.tags)),
        )
        return shared_features(
            self._queries[subjects], self._vectors, listed, lambda shared: shared @ of_assessment
        )


def _first_days(dataset: Dataset) -> NDArray[np.int64]:
    """int64 [users]: the beginning of the day of the first assessment with a date, or UNDATED."""
    times = dataset.assessment_times
    users = np.repeat(np.arange(len(dataset.users)), np.diff(dataset.assessments.indptr))
    dated = times != UNDATED
    first = np.full(len(dataset.users), np.iinfo(np.int64).max)
    np.minimum.at(first, users[dated], times[dated])
    first[first == np.iinfo(np.int64).max] = UNDATED
    # Views are often dated by days, and assessments by seconds.
    return np.where(first == UNDATED, UNDATED, first - first % MICROSECONDS_PER_DAY)


def _sums(tests: sp.csr_matrix, values: NDArray[np.float64], tags: int) -> NDArray[np.float64]:
    sums = np.bincount(tests.indices, weights=values, minlength=tags)
    return sums.astype(np.float64, copy=False)


def _like(tests: sp.csr_matrix, values: NDArray[np.floating]) -> sp.csr_matrix:
    """float32 [users, tags]: other values for the same entries."""
    return sp.csr_matrix(
        (values.astype(np.float32), tests.indices, tests.indptr), shape=tests.shape
    )


def _expanded(tests: sp.csr_matrix, values: NDArray[np.float64]) -> sp.csr_matrix:
    """float32 [users, FEATURES * tags] from [entries, FEATURES]."""
    columns = tests.indices[:, None] * FEATURES + np.arange(FEATURES)
    shape = (tests.shape[0], tests.shape[1] * FEATURES)
    flat = (values + 0.0).astype(np.float32).ravel()
    return sp.csr_matrix((flat, columns.ravel(), tests.indptr * FEATURES), shape=shape)
