"""What people take up after the courses that somebody took up last."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.take_ups import TakeUps, take_ups
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.islands import shared_take_ups
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons, strongest
from shared.kinds import KindName
from shared.records import ReasonKind

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


class MarkovCourseSequence(Model):
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
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations", "similar_courses")
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
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
        size = len(self.dataset.courses)
        taken = take_ups(self.dataset.interactions, size)
        latest = taken.ages < config.last
        said = config.last_decay ** taken.ages[latest].astype(np.float32)
        places = taken.users[latest], taken.courses[latest]
        self._last_courses = sp.csr_matrix((said, places), (len(self.dataset.users), size))
        before, after = _sums(counts, axis=1), _sums(counts, axis=0)
        believed = sp.diags(_inverse(before + config.shrink))
        damping = sp.diags(_inverse(after**config.popularity_damping))
        followed_by = (believed @ counts @ damping).astype(np.float32)
        self._speaking: NDArray[np.bool_] = before > 0
        self._on: NDArray[np.bool_] = before + after > 0
        # Row j: what every course says of course j.
        self._said_of = followed_by.T.tocsr()
        self._next = SparseCandidates(self._said_of, self._search.order("course"))
        self._near = cache(self._nearness)

    def _nearness(self) -> tuple[sp.csr_matrix, SparseCandidates]:
        together = (self._transitions + self._transitions.T).tocsr()
        scale = sp.diags(_inverse(np.sqrt(_sums(together, axis=1) + self.config.shrink)))
        near = (scale @ together @ scale).astype(np.float32).tocsr()
        return near, SparseCandidates(near, self._search.order("course"))

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        rows, size = carried.rows_of_courses(self._transitions), len(dataset.courses)
        columns = carried.courses[rows.indices]
        self._transitions = sp.csr_matrix((rows.data, columns, rows.indptr), shape=(size, size))

    def _knows(self) -> NDArray[np.bool_]:
        speaking = self._last_courses @ self._speaking.astype(np.float32)
        knows: NDArray[np.bool_] = np.asarray(speaking > 0)
        return knows

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._on

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._last_courses[users]
        return self._search.nearest("recommendations", users, queries, self._next, n)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        near, candidates = self._near()
        themselves = sp.csr_matrix(
            (np.ones(len(courses), np.float32), courses, np.arange(len(courses) + 1)),
            shape=(len(courses), near.shape[0]),
        )
        return self._search.nearest("similar_courses", courses, themselves, candidates, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        row = np.repeat(users, courses.shape[1])
        scores = np.asarray(self._terms(row, courses.ravel()).sum(axis=1), np.float32)
        return np.where(self._on[courses], scores.reshape(courses.shape), np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        row, column = np.nonzero(listed >= 0)
        return strongest(self._terms(subjects[row], listed[row, column]), listed)

    def _terms(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> sp.csr_matrix:
        """[pairs, courses]: what each of the user's last courses adds to the course's score."""
        return self._last_courses[users].multiply(self._said_of[courses]).tocsr()


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
