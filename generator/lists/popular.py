"""The list for users that a model has nothing for: the courses most users have viewed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import SEEN_POPULAR, Handle, UserLists

DEPTH_PER_LIST = 10


class PopularCourses:
    """Courses by number of viewers, ties by lower index; the score is the number of viewers.

    The same for everybody, so kept once per generation, ten times as deep as a stored list: what
    a user has seen of it is left out when it is served.
    """

    def __init__(self, dataset: Dataset, n: int) -> None:
        """`n`: length of a stored list."""
        self._dataset = dataset
        viewers = dataset.viewers
        ranking = np.lexsort((np.arange(len(viewers)), -viewers))[: np.count_nonzero(viewers)]
        self._top = ranking[: n * DEPTH_PER_LIST].astype(np.int32)

    @property
    def courses(self) -> list[Handle]:
        return self._dataset.courses.handles(self._top)

    @property
    def scores(self) -> list[float]:
        scores: list[float] = self._dataset.viewers[self._top].astype(float).tolist()
        return scores

    def seen_by(self, users: NDArray[np.int32]) -> Iterator[UserLists]:
        """What each user has seen of the popular courses; also the sign that the user is known."""
        seen = self._dataset.seen[users][:, self._top].tocsr()
        seen.sort_indices()
        courses = self._dataset.courses.handles(self._top[seen.indices])
        ends = seen.indptr.tolist()
        handles = self._dataset.users.handles(users)
        for handle, start, end in zip(handles, ends, ends[1:], strict=False):
            yield UserLists(handle, SEEN_POPULAR, courses=courses[start:end])
