"""How models search: ties, what is never listed, and the limits of the run, in one place."""

from collections.abc import Callable
from copy import copy
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.models.islands import NOWHERE, IslandCandidates
from generator.models.run_options import RunOptions
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import TieOrder, TieRule, Ties
from generator.nearest.top_n import TopN, empty_top_n
from generator.nearest.votes import themselves
from shared.kinds import KINDS, Entity, KindName


class Search:
    """Exact top-n over one data set's users and courses, for one model."""

    def __init__(
        self, dataset: Dataset, viewers: NDArray[np.int64], run: RunOptions, is_personal: bool
    ) -> None:
        """viewers: int64 [courses], by which ties go; not personal: alike for every subject."""
        self._dataset, self._run, self._is_personal = dataset, run, is_personal
        users, courses = dataset.users.hashes, dataset.courses.hashes
        self._tie_rule = TieRule(users, courses, viewers, run.seed, dataset.not_offered)

    def over(self, dataset: Dataset) -> Self:
        """The same among the same users and courses, who have seen other courses since."""
        later = copy(self)
        later._dataset = dataset
        return later

    def order(self, entity: Entity) -> TieOrder:
        """Among users or courses of one score: what candidates are made with."""
        return self._tie_rule.order(entity)

    def ties(self, kind: KindName, subjects: NDArray[np.int32]) -> Ties:
        """Likewise for each of these subjects, or for everybody alike."""
        entry = KINDS[kind].entry
        if not self._is_personal:
            return self._tie_rule.for_everybody(entry, len(subjects))
        return self._tie_rule.ties(KINDS[kind].subject, subjects, entry)

    def unlisted(self, kind: KindName, subjects: NDArray[np.int32]) -> sp.csr_matrix:
        """bool [subjects, entries]: what each one's list may not hold, itself or what was seen."""
        match kind:
            case "similar_users":
                return themselves(subjects, len(self._dataset.users))
            case "recommendations":
                return self._dataset.seen[subjects]
            case "similar_courses":
                return themselves(subjects, len(self._dataset.courses))
            case "course_users":
                return self._dataset.seen[:, subjects].T.tocsr()
            case "resume":
                return self._dataset.completions[subjects]

    def nearest(
        self,
        kind: KindName,
        subjects: NDArray[np.int32],
        queries: Any,
        candidates: SparseCandidates | DenseCandidates,
        n: int,
    ) -> TopN:
        """The `n` candidates with the largest product of each query, without what is not listed.

        queries: float32 [subjects, size], dense or CSR as the candidates are. Within the threads
        and the memory of the run.
        """
        top_n: Callable[..., TopN] = (
            top_n_sparse if isinstance(candidates, SparseCandidates) else top_n_dense
        )
        return top_n(
            queries,
            candidates,
            n,
            salts=self.ties(kind, subjects).salts,
            exclude=self.unlisted(kind, subjects),
            **self._run.limits,
        )

    def scored_courses(self, scores: NDArray[np.float32]) -> DenseCandidates:
        """Courses by a number each, float32 [courses]; those of 0 are no candidates."""
        scored = np.flatnonzero(scores).astype(np.int32)
        return DenseCandidates(scores[scored, None], self.order("course"), scored)

    def best_for_everybody(self, courses: DenseCandidates, n: int) -> TopN:
        """The `n` best of `scored_courses`, as one row: nothing is left out, and ties are nobody's
        own."""
        salts = self._tie_rule.for_everybody("course", 1).salts
        alike = np.ones((1, 1), np.float32)
        return top_n_dense(alike, courses, n, salts=salts, **self._run.limits)

    def nearest_on_islands(
        self,
        kind: KindName,
        subjects: NDArray[np.int32],
        queries: NDArray[np.float32],
        islands: NDArray[np.int32],
        candidates: IslandCandidates,
        n: int,
    ) -> TopN:
        """As `nearest`, where a subject's candidates are those of its own island alone."""
        top = empty_top_n(len(subjects), n)
        for island in np.unique(islands[islands != NOWHERE]).tolist():
            rows = np.flatnonzero(islands == island)
            top.indices[rows], top.scores[rows] = self.nearest(
                kind, subjects[rows], queries[rows], candidates.on(island), n
            )
        return top
