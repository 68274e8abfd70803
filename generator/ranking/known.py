"""What features are made of: the data as it is, and what was found out of each course once."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset


@dataclass(frozen=True)
class Known:
    """Features of a user follow from these alone and from their own rows of the data.

    So whoever is folded in changes nobody else's lists.
    """

    dataset: Dataset
    courses: NDArray[np.float32]
    """float32 [courses, facts]: see `generator.ranking.course_facts`."""
    texts: sp.csr_matrix
    """float32 [courses, terms]: TF-IDF vectors of length 1, empty where nothing is written."""
    follows: sp.csr_matrix
    """float32 [courses, courses]: see `generator.ranking.order_features`."""
    now: int
    """Microseconds since 1970 in UTC: the last view that anybody had when these were found out."""

    def last_courses(self, users: NDArray[np.int32], n: int) -> NDArray[np.int32]:
        """int32 [users, n]: the courses of each user's last views, latest first; then -1."""
        views = self.dataset.interactions
        places = views.offsets[users + 1][:, None] - 1 - np.arange(n)
        there = places >= views.offsets[users][:, None]
        courses = np.full(there.shape, -1, np.int32)
        courses[there] = views.courses[places[there]]
        return courses


@dataclass(frozen=True)
class Asked:
    """Some courses of some users; a course that is -1 is none, and what its features say neither.

    users: int32 [users]. courses: int32 [users, width].
    """

    users: NDArray[np.int32]
    courses: NDArray[np.int32]

    def for_each(self, of_users: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [users, width] of float32 [users]: the same for each of a user's courses."""
        return np.broadcast_to(of_users[:, None], self.courses.shape)
