"""Models with one ranking for everybody, by a score of every course."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset, Input
from generator.dataset.segments import Segment
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.group_ranking import GroupKind
from generator.models.run_options import RunOptions
from generator.nearest.top_n import TopN
from generator.process.processors import one_blas_thread
from shared.kinds import KindName


class OneRanking(Model):
    """Courses by their score; what a user has seen is left out, and what is not above 0.

    It assumes nothing about anybody, and so knows everybody. Users who are folded in count from the
    next fit on. Cost beside the scores: users x courses comparisons, fewer where the first courses
    settle a list; 8 bytes a course.
    """

    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    is_personal = False
    grouped_by: ClassVar[tuple[GroupKind, ...]] = ("level", "tag", "segment")
    learned = ("_scores",)

    @one_blas_thread()
    def ranking_among(self, segment: Segment, n: int) -> TopN:
        """The `n` best courses by what these users alone did, as one row.

        Of the data that the model has now: users who were folded in count.
        """
        scores = self._scored(segment.users).astype(np.float32)
        return self._search.best_for_everybody(self._search.scored_courses(scores), n)

    @abstractmethod
    def _scored(self, users: NDArray[np.bool_]) -> NDArray[np.float64]:
        """float64 [courses], by what these users of `self.dataset` did, bool [users]; 0 where
        nothing is known of a course."""

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._scores = self._scored(np.ones(len(dataset.users), bool)).astype(np.float32)

    def _prepare(self) -> None:
        self._courses = self._search.scored_courses(self._scores)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._scores = carried.by_course(self._scores, 0)

    def _knows(self) -> NDArray[np.bool_]:
        return np.ones(len(self.dataset.users), bool)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        alike = np.ones((len(users), 1), np.float32)
        return self._search.nearest("recommendations", users, alike, self._courses, n)

    def _ranking(self, n: int) -> TopN:
        return self._search.best_for_everybody(self._courses, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = self._scores[courses]
        return np.where(scores > 0, scores, np.float32(np.nan))
