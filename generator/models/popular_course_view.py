"""The courses that most users have viewed: one ranking for everybody."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.run_options import RunOptions
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.top_n import TopN
from shared.kinds import KindName


class PopularCourseView(Model):
    """Courses by number of viewers, a view of any length counted once.

    Assumes nothing about anybody, and so knows everybody; what a user has seen is left out, and
    what nobody has viewed. Users who are folded in count from the next fit on. Score: the number of
    viewers. Cost: users x courses comparisons, fewer where the first courses settle a list; 8 bytes
    a course.
    """

    handle = "popular_course_view"
    title = "Most viewed courses"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    is_personal = False
    learned = ("_viewers",)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._viewers = dataset.viewers.astype(np.float32)

    def _prepare(self) -> None:
        viewed = np.flatnonzero(self._viewers).astype(np.int32)
        self._courses = DenseCandidates(
            self._viewers[viewed, None], self._search.order("course"), viewed
        )

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._viewers = carried.by_course(self._viewers, 0)

    def _knows(self) -> NDArray[np.bool_]:
        return np.ones(len(self.dataset.users), bool)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        alike = np.ones((len(users), 1), np.float32)
        return self._search.nearest("recommendations", users, alike, self._courses, n)

    def _ranking(self, n: int) -> TopN:
        salts = self._search.ties("recommendations", np.zeros(1, np.int32)).salts
        alike = np.ones((1, 1), np.float32)
        return top_n_dense(alike, self._courses, n, salts=salts, **self.run.limits)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        viewers = self._viewers[courses]
        return np.where(viewers > 0, viewers, np.float32(np.nan))
