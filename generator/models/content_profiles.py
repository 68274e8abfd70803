"""What a user is to a model of content: the courses they viewed, the words they follow."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.few_users import FewUsers
from generator.dataset.view_weights import recent_minutes
from generator.nearest.vectors import Vectors, entries_of_rows, filled_rows, unit_rows


class Profiles:
    """Users as vectors of length 1 in the space of courses.

    profile = unit(unit(sum of viewed courses x weight) + interests_weight * unit(sum of interests))
    """

    def __init__(
        self,
        dataset: Dataset,
        courses: Vectors,
        interests: Vectors | None,
        half_life_days: float,
        interests_weight: float,
    ) -> None:
        """interests: the vectors of the names of tags, where the model reads words."""
        self.views: sp.csr_matrix = recent_minutes(dataset, half_life_days)
        """float32 [users, courses]: how much each view counts."""
        self._courses, self._tags, self._weight = courses, interests, interests_weight
        self._follows = dataset.interests
        self.known: NDArray[np.bool_] = self.views @ filled_rows(courses).astype(np.float32) > 0
        """bool [users]: of whom anything is known."""
        if self._reads_interests:
            self.known |= self._follows @ filled_rows(interests).astype(np.float32) > 0

    def take_in(self, few: FewUsers, half_life_days: float) -> None:
        """What a few users are now."""
        args = few.dataset, self._courses, self._tags, half_life_days, self._weight
        theirs = Profiles(*args)
        self.views = few.into(self.views, theirs.views)
        self._follows = few.into(self._follows, theirs._follows)
        self.known = few.put(self.known, theirs.known)

    @property
    def _reads_interests(self) -> bool:
        return self._tags is not None and self._weight > 0

    def of(self, users: NDArray[np.int32]) -> Vectors:
        """float32 [users, size]; made when asked for, since all of them may not fit into memory."""
        viewed = unit_rows(self.views[users] @ self._courses)
        if not self._reads_interests:
            return viewed
        return unit_rows(viewed + unit_rows(self._follows[users] @ self._tags) * self._weight)

    def costs(self, users: NDArray[np.int32]) -> NDArray[np.float64]:
        """How many numbers each one's vector may take."""
        if not sp.issparse(self._courses):
            return np.full(len(users), float(self._courses.shape[1]))
        costs = (self.views[users] > 0).astype(np.float64) @ entries_of_rows(self._courses)
        if self._reads_interests:
            costs += self._follows[users].astype(np.float64) @ entries_of_rows(self._tags)
        return np.asarray(np.minimum(costs, self._courses.shape[1]))
