"""The courses that most users have viewed: one ranking for everybody."""

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.models.one_ranking import OneRanking
from generator.models.run_options import RunOptions


class PopularCourseView(OneRanking):
    """Courses by number of viewers, a view of any length counted once.

    Score: the number of viewers. Cost: that of `generator.models.one_ranking`.
    """

    handle = "popular_course_view"
    title = "Most viewed courses"

    def _scored(self, dataset: Dataset, run: RunOptions) -> NDArray[np.float64]:
        return dataset.viewers.astype(np.float64)
