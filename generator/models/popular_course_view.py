"""The courses that most users have viewed: one ranking for everybody."""

import numpy as np
from numpy.typing import NDArray

from generator.models.one_ranking import OneRanking


class PopularCourseView(OneRanking):
    """Courses by number of viewers, a view of any length counted once.

    Assumes that what most took up suits anybody. Score: the number of viewers. Cost: that of
    `generator.models.one_ranking`.
    """

    handle = "popular_course_view"
    title = "Most viewed courses"

    def _scored(self, users: NDArray[np.bool_]) -> NDArray[np.float64]:
        views = self.dataset.view_seconds
        theirs = np.repeat(users, np.diff(views.indptr))
        return np.bincount(views.indices[theirs], minlength=views.shape[1]).astype(np.float64)
