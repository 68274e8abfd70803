"""Courses that a user began and has not completed, to be offered again."""

from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.indices import UNDATED
from generator.dataset.view_weights import MICROSECONDS_PER_DAY, damped_minutes
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import PADDING, TopN
from shared.kinds import KindName


class UnfinishedOptions(ModelOptions):
    half_life_days: Annotated[float, Searched(1, 180)] = Field(
        30, gt=0, le=36_500, description="A course viewed so many days ago counts half."
    )


class UnfinishedCourseView(Model):
    """Courses by the time that a user spent on them, the less the longer ago that was.

    Assumes that who spent time on a course and did not complete it may go on with it. Score: ``ln(1
    + minutes) / (1 + days / half_life_days)``, above 0, by the days from the user's last view of
    the course to the last view of all when the model was fitted. Without a date a view is as old as
    the first of all. A course that was opened and left, or was completed, is not listed. Knows
    whoever has spent time on any course. Cost: the views once; 40 bytes a view.
    """

    handle = "unfinished_course_view"
    title = "Courses begun and not completed"
    serves: ClassVar[tuple[KindName, ...]] = ("resume",)
    needs: ClassVar[tuple[Input, ...]] = ("views", "completions")
    wants: ClassVar[tuple[Input, ...]] = ("interactions",)
    Options = UnfinishedOptions
    config: UnfinishedOptions
    learned = ("_now", "_first")

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        times = dataset.interactions.times
        dated = times[times != UNDATED]
        self._now = int(dated.max(initial=0))
        self._first = int(dated.min(initial=self._now))

    def _prepare(self) -> None:
        views = self.dataset.view_seconds
        rows = np.repeat(np.arange(views.shape[0]), np.diff(views.indptr))
        courses = views.indices.copy()
        days = self._days_since(rows * np.int64(views.shape[1]) + courses)
        scores = np.log1p(views.data / 60) / (1 + days / self.config.half_life_days)
        if views.nnz:
            scores[np.asarray(self.dataset.completions[rows, courses]).ravel()] = 0
        entries = scores.astype(np.float32), courses, views.indptr.copy()
        self._unfinished = sp.csr_matrix(entries, shape=views.shape)
        self._unfinished.eliminate_zeros()
        self._begun: NDArray[np.bool_] = np.diff(damped_minutes(views).indptr) > 0

    def _days_since(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64, one for each pair: ``user * courses + course``, ascending."""
        views = self.dataset.interactions
        keys = views.users * np.int64(len(self.dataset.courses)) + views.courses
        last = np.full(len(pairs), UNDATED)
        np.maximum.at(last, np.searchsorted(pairs, keys), views.times)
        since = np.where(last == UNDATED, self._first, last)
        days: NDArray[np.float64] = np.maximum(self._now - since, 0) / MICROSECONDS_PER_DAY
        return days

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        """Nothing is learned of anybody but when the data ended."""

    def _knows(self) -> NDArray[np.bool_]:
        return self._begun

    def _resume(self, users: NDArray[np.int32], n: int) -> TopN:
        theirs = self._unfinished[users]
        counts = np.diff(theirs.indptr)
        shape = len(users), int(counts.max(initial=0))
        listed = np.arange(shape[1]) < counts[:, None]
        scores, courses = np.zeros(shape, np.float32), np.full(shape, PADDING, np.int32)
        scores[listed], courses[listed] = theirs.data, theirs.indices
        ties = self._search.ties("resume", users)
        return top_n_of_scores(scores, n, ties=ties, indices=courses, above=0)
