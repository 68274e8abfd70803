"""What people take up after the courses that somebody took up last."""

from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.take_ups import TakeUps, take_ups
from generator.models.carried import Carried
from generator.models.islands import shared_take_ups
from generator.models.item_based import ItemBased
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN

BYTES_PER_TRANSITION = 12
COPIES_OF_TRANSITIONS = 14
"""Counted, weighted, turned round and laid out for both searches."""


class MarkovOptions(ModelOptions):
    window: Annotated[int, Searched(2, 20)] = Field(
        10, ge=1, le=1000, description="So many courses later still count as taken up after one."
    )
    window_decay: Annotated[float, Searched(0.5, 1.0)] = Field(
        0.8, gt=0, le=1, description="What each course in between leaves of a transition."
    )
    last: Annotated[int, Searched(3, 30)] = Field(
        10, ge=1, le=10_000, description="So many of a user's latest courses say what comes next."
    )
    last_decay: Annotated[float, Searched(0.4, 1.0)] = Field(
        0.7, gt=0, le=1, description="What a course says, of what the one after it does."
    )
    shrink: Annotated[float, Searched(1.0, 200.0)] = Field(
        50.0,
        ge=0,
        description="Transitions a course needs before half of what it says is believed.",
    )
    popularity_damping: Annotated[float, Searched(0.0, 0.5)] = Field(
        0.2,
        ge=0,
        le=1,
        description="What follows on everything is divided by how often it does, to this power.",
    )


class MarkovCourseSequence(ItemBased):
    """A Markov chain of first order over a window of courses, asked about the last few.

    ``T[i, j]`` adds ``window_decay ** (d - 1)`` for every user who took up course j as the d-th
    after course i, d up to `window`. What course i says of j is ``P[i, j] = T[i, j] / (sum of row i
    + shrink) / (sum of column j) ** popularity_damping``, and a user's score of j is the sum of
    ``last_decay ** a * P[i, j]`` over their `last` courses i, a being how many they took up since
    (Rendle et al., WWW 2010, without factors; skip-grams of decaying weight instead of their
    baskets). Two courses are as similar as they are taken up near each other, in whichever order:
    ``C[i, j] / sqrt((c_i + shrink) * (c_j + shrink))`` with ``C = T + T'`` and its sums c.

    Assumes that order says something; where dates lack or are equal it reads the order of the
    file. Knows users who share a course with somebody, if anything followed on one of their last
    courses, and courses that such users took up. Scores: above 0, and comparable within a list
    alone. Cost: `window` times the views to count, and the sparse product of the users' last
    courses with P; memory 12 bytes a pair of courses that follow on each other.
    """

    handle = "markov_course_sequence"
    title = "What comes next (Markov chain)"
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    Options = MarkovOptions
    config: MarkovOptions
    learned = ("_transitions",)

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the transitions, of which there are no more than pairs of courses."""
        taken = np.diff(dataset.view_seconds.indptr).astype(np.int64)
        steps = np.clip(taken - 1, 0, self.config.window)
        followed = int((steps * taken - steps * (steps + 1) // 2).sum())
        pairs = min(followed, len(dataset.courses) ** 2)
        return super().memory_bytes(dataset) + COPIES_OF_TRANSITIONS * BYTES_PER_TRANSITION * pairs

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        size = len(dataset.courses)
        taken = take_ups(dataset.interactions, size)
        taken = shared_take_ups(taken, (len(dataset.users), size))
        self._transitions = sp.csr_matrix((size, size), dtype=np.float32)
        for steps in range(1, self.config.window + 1):
            weight = self.config.window_decay ** (steps - 1)
            self._transitions = self._transitions + weight * _following(taken, steps, size)
            run.progress(steps, self.config.window)
        self._transitions.sort_indices()

    def _prepare(self) -> None:
        counts, config = self._transitions, self.config
        before, after = _sums(counts, axis=1), _sums(counts, axis=0)
        believed = sp.diags(_inverse(before + config.shrink))
        damping = sp.diags(_inverse(after**config.popularity_damping))
        self._ask((believed @ counts @ damping).tocsr().astype(np.float32))
        self._near = cache(self._nearness)

    def _counted(self, dataset: Dataset) -> sp.csr_matrix:
        shape = len(dataset.users), len(dataset.courses)
        taken = take_ups(dataset.interactions, shape[1])
        latest = taken.ages < self.config.last
        said = self.config.last_decay ** taken.ages[latest].astype(np.float32)
        return sp.csr_matrix((said, (taken.users[latest], taken.courses[latest])), shape)

    def _nearness(self) -> SparseCandidates:
        together = (self._transitions + self._transitions.T).tocsr()
        scale = sp.diags(_inverse(np.sqrt(_sums(together, axis=1) + self.config.shrink)))
        near = (scale @ together @ scale).astype(np.float32).tocsr()
        return SparseCandidates(near, self._search.order("course"))

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._transitions = carried.between_courses(self._transitions)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        alone = self._each(courses)
        return self._search.nearest("similar_courses", courses, alone, self._near(), n)


def _following(taken: TakeUps, steps: int, size: int) -> sp.csr_matrix:
    """float32 [courses, courses]: how often the column was the `steps`-th to be taken up after."""
    same_user = taken.users[:-steps] == taken.users[steps:]
    places = taken.courses[:-steps][same_user], taken.courses[steps:][same_user]
    return sp.csr_matrix((np.ones(len(places[0]), np.float32), places), shape=(size, size))


def _sums(matrix: sp.csr_matrix, axis: int) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(axis=axis, dtype=np.float64)).ravel()


def _inverse(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 over each, and 0 where there is nothing to divide."""
    return np.divide(1, numbers, where=numbers > 0, out=np.zeros_like(numbers))
