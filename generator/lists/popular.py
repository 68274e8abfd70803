"""The list for users that a model has nothing for: the courses most users have viewed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.models.popular_course_view import PopularCourseView
from shared.records import SEEN_POPULAR, Handle, UserLists

DEPTH_PER_LIST = 10


class PopularCourses:
    """The ranking of `PopularCourseView`, ten times as deep as a stored list.

    The same for everybody, so kept once per generation: what a user has seen of it is left out when
    it is served.
    """

    def __init__(self, dataset: Dataset, n: int) -> None:
        """`n`: length of a stored list."""
        self._dataset = dataset
        self._top, self._viewers = np.zeros(0, np.int32), np.zeros(0, np.float32)
        if not PopularCourseView.missing_inputs(dataset):
            ranking = PopularCourseView().fit(dataset).ranking(n * DEPTH_PER_LIST)
            listed = ranking.indices[0] >= 0
            self._top, self._viewers = ranking.indices[0][listed], ranking.scores[0][listed]

    @property
    def courses(self) -> list[Handle]:
        return self._dataset.courses.handles(self._top)

    @property
    def scores(self) -> list[float]:
        return [float(viewers) for viewers in self._viewers]

    def seen_by(self, users: NDArray[np.int32]) -> Iterator[UserLists]:
        """What each user has seen of the popular courses; also the sign that the user is known."""
        seen = self._dataset.seen[users][:, self._top].tocsr()
        seen.sort_indices()
        courses = self._dataset.courses.handles(self._top[seen.indices])
        ends = seen.indptr.tolist()
        handles = self._dataset.users.handles(users)
        for handle, start, end in zip(handles, ends, ends[1:], strict=False):
            yield UserLists(handle, SEEN_POPULAR, courses=courses[start:end])
