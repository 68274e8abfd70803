"""What is viewed in each segment of users, merged for each user from the segments they are in."""

from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.dataset.segments import Segment, SegmentFamily, edges_of, families_of
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.group_ranking import GroupKind
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.models.segment_rates import lifts_of
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.process.processors import one_blas_thread
from shared.kinds import KindName

BYTES_PER_LIFT = 80
"""Counted, kept, stacked and laid out for the search; the last copies are of float32."""
MOST_VIEWED, OF_EACH_SEGMENT = 2000, 50
"""Courses that are listed: so many of all, and the first ones of each segment."""
WHOLE = ""
"""Label of the row of a family that stands for all of its segments."""


class SegmentOptions(ModelOptions):
    prior_users: Annotated[float, Searched(1, 1000)] = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Users of the whole that each segment is given as many of, so that few do not "
        "rule; 0 estimates it for each attribute from how much its segments differ.",
    )
    overlap: Annotated[float, Searched(0, 1)] = Field(
        0.5,
        ge=0,
        le=1,
        description="How much a user's segments say the same: of k that are believed each counts k "
        "to the power of minus this. 0 multiplies what they say, 1 takes the mean.",
    )


class SegmentUserAttribute(Model):
    """Naive Bayes over the segments of a user, with rates shrunk to the family's and the whole.

    A segment are the users with a label of an attribute, in a range of a number, or following a
    tag; those of one attribute are a family. The share r of a segment's users who viewed a course
    is shrunk towards the family's share, as if m of the family's users were in it, and that
    likewise towards everybody's. m is estimated for each family (`generator.models.segment_rates`,
    Kleinman 1973), so that an attribute that tells nothing says nothing, however large its
    segments. Score: ``ln(1 + viewers) + k ** -overlap * sum of ln(r of segment / r of whole)`` over
    the segments of the user, but for constants of the user: a logit, above 0. k is how many
    segments are believed, the sum of n / (n + m) over them, n being their users, and 1 or more.

    Assumes that who is alike in attributes or interests views alike, and nothing of views of the
    user's own: it serves who has viewed nothing. Knows users with any attribute or interest, and
    lists the 2,000 most viewed courses and the first 50 of each segment, since shares of others are
    guesses. Segments have rankings of their own, as of a user who is in no other. Users who are
    folded in change no rate. Cost: for each user the listed courses, as often as they are in
    segments; in memory 80 bytes for each course that was viewed in each segment.
    """

    handle = "segment_user_attribute"
    title = "What segments of users view"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views", "user_attributes")
    wants: ClassVar[tuple[Input, ...]] = ("interests",)
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    grouped_by: ClassVar[tuple[GroupKind, ...]] = ("segment", "interest")
    Options = SegmentOptions
    config: SegmentOptions
    learned = ("_edges", "_segments", "_credence", "_lifts", "_priors")

    @classmethod
    def missing_inputs(cls, dataset: Dataset) -> list[Input]:
        """Interests will do for attributes."""
        missing = super().missing_inputs(dataset)
        return [need for need in missing if need == "views" or not dataset.interests.nnz]

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and lifts, of which a segment has as many as its users viewed courses."""
        views, courses = np.diff(dataset.view_seconds.indptr), len(dataset.courses)
        lifts = sum(
            min(int(np.diff(family.members.indptr) @ views), len(family.labels) * courses)
            for family in families_of(dataset)
        )
        return super().memory_bytes(dataset) + BYTES_PER_LIFT * lifts

    @property
    def measures(self) -> dict[str, float]:
        """Of each family, in how many users half of what a segment says is believed."""
        return self._priors

    @one_blas_thread()
    def ranking_among(self, segment: Segment, n: int) -> TopN:
        """The `n` best courses for a user who is in this segment and no other, as one row."""
        rows = [(segment.family, WHOLE), (segment.family, segment.label)]
        said = [0, *(self._row_of[row] for row in rows if row in self._row_of)]
        scores = np.asarray(self._lifts_by_row[said].sum(axis=0)).ravel()
        return self._search.best_for_everybody(self._search.scored_courses(scores), n)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        viewed = dataset.view_seconds.astype(np.float64)
        viewed.eliminate_zeros()
        viewed.data[:] = 1
        self._edges = edges_of(dataset.user_attributes)
        self._segments: list[list[str]] = []
        self._priors: dict[str, float] = {}
        viewers = np.bincount(viewed.indices, minlength=viewed.shape[1])
        parts, credence = [sp.csr_matrix(np.log1p(viewers))], [np.zeros(1)]
        for family in families_of(dataset, self._edges):
            lifts = lifts_of(family, viewed, self.config.prior_users)
            if lifts is None:
                continue
            parts += [sp.csr_matrix(lifts.whole), lifts.labels]
            credence += [np.zeros(1), lifts.credence]
            self._segments += [[family.name, label] for label in (WHOLE, *family.labels)]
            self._priors[f"prior of {family.name}"] = lifts.prior
        self._credence = np.concatenate(credence)
        lifts = sp.vstack(parts).astype(np.float32).tocsr()
        self._lifts = (lifts @ sp.diags_array(self._listed(lifts))).T.tocsr()
        self._lifts.eliminate_zeros()
        self._lifts.sort_indices()

    def _listed(self, lifts: sp.csr_matrix) -> NDArray[np.float32]:
        """float32 [courses]: 1 for those that come first anywhere, 0 for the others.

        lifts: float32 [rows of lifts, courses].
        """
        of_all = lifts[0].toarray().ravel()
        listed = np.zeros(len(of_all), np.float32)
        listed[np.argsort(-of_all, kind="stable")[:MOST_VIEWED]] = 1
        for start, stop in pairwise(lifts.indptr[1:].tolist()):
            courses = lifts.indices[start:stop]
            scores = of_all[courses] + lifts.data[start:stop]
            listed[courses[np.argsort(-scores, kind="stable")[:OF_EACH_SEGMENT]]] = 1
        return listed

    def _prepare(self) -> None:
        self._row_of = {(family, label): 1 + r for r, (family, label) in enumerate(self._segments)}
        self._said = self._said_of(self.dataset)
        self._candidates = SparseCandidates(self._lifts, self._search.order("course"))
        self._lifts_by_row = self._lifts.T.tocsr()

    def _said_of(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, rows of lifts]: how much each row counts for each user."""
        shape = len(dataset.users), self._lifts.shape[1]
        said = sp.csr_matrix(shape)
        for family in families_of(dataset, self._edges):
            if (family.name, WHOLE) in self._row_of:
                said += family.members @ self._rows_of(family)
        known = np.flatnonzero(np.diff(said.indptr))
        everybodys = sp.csr_matrix((np.ones(len(known)), (known, 0 * known)), shape=shape)
        weights = np.maximum(said @ self._credence, 1) ** -self.config.overlap
        weighed = (sp.diags(weights) @ said + everybodys).tocsr().astype(np.float32)
        weighed.sort_indices()
        return weighed

    def _rows_of(self, family: SegmentFamily) -> sp.csr_matrix:
        """float64 [labels, rows of lifts]: 1 in the family's row, and in the segment's own, which
        one that was not there when the model was fitted has not."""
        rows = [(label, self._row_of[family.name, WHOLE]) for label in range(len(family.labels))]
        own = [self._row_of.get((family.name, label)) for label in family.labels]
        rows += [(label, row) for label, row in enumerate(own) if row is not None]
        places = np.array(rows).T
        shape = len(family.labels), self._lifts.shape[1]
        return sp.csr_matrix((np.ones(len(rows)), (places[0], places[1])), shape=shape)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._lifts = carried.rows_of_courses(self._lifts)

    def _take_in(self, few: FewUsers) -> None:
        self._said = few.into(self._said, self._said_of(few.dataset))

    def _knows(self) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = np.diff(self._said.indptr) > 0
        return known

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        said = self._said[users]
        return self._search.nearest("recommendations", users, said, self._candidates, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        said = self._said[np.repeat(users, courses.shape[1])]
        lifts = self._lifts[courses.ravel()]
        scores = np.asarray(said.multiply(lifts).sum(axis=1), np.float32).reshape(courses.shape)
        return np.where(scores > 0, scores, np.float32(np.nan))
