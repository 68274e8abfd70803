"""The list for users that a model has nothing for: the courses most users have viewed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import POPULAR, UserLists

DEPTH_PER_LIST = 5


class PopularCourses:
    """Courses by number of viewers, ties by lower index; the score is the number of viewers.

    Kept once per generation. A user who has seen some of them needs a list of their own, with the
    seen ones replaced by the next best.
    """

    def __init__(self, dataset: Dataset, n: int) -> None:
        """`n`: length of a stored list; the shared list is five times as deep, so that a request
        that excludes courses can still be filled."""
        self._dataset = dataset
        self._n = n
        viewers = dataset.viewers
        self._ranking = np.lexsort((np.arange(len(viewers)), -viewers))[: np.count_nonzero(viewers)]

    @property
    def shared(self) -> UserLists:
        """The list that is the same for everybody; its user handle means nothing."""
        return self._lists(0, self._ranking[: self._n * DEPTH_PER_LIST])

    def for_users(self, users: NDArray[np.int32]) -> Iterator[UserLists]:
        """One record a user: an own list if the user has seen a popular course, else empty, which
        stands for the shared list. Either way the record says that the user is known."""
        top = set(self._ranking[: self._n * DEPTH_PER_LIST].tolist())
        seen = self._dataset.seen
        for user, handle in zip(users, self._dataset.users.handles(users), strict=True):
            viewed = seen.indices[seen.indptr[user] : seen.indptr[user + 1]]
            if top.isdisjoint(viewed.tolist()):
                yield UserLists(handle, POPULAR)
            else:
                window = self._ranking[: self._n + len(viewed)]
                unseen = window[~np.isin(window, viewed)]
                yield self._lists(handle, unseen[: self._n])

    def _lists(self, handle: int | str, courses: NDArray[np.int64]) -> UserLists:
        return UserLists(
            handle,
            POPULAR,
            courses=self._dataset.courses.handles(courses),
            course_scores=self._dataset.viewers[courses].astype(float).tolist(),
        )
