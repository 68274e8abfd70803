"""Courses that are unlike those before them in the list."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from generator.process.memory import BYTES_PER_MB, resident_bytes
from generator.reranking.course_vectors import CourseVectors, course_vectors
from generator.reranking.rule import Given, Pool, Rule, Turns


class Diversity(Rule):
    """Maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998).

    The entry that is taken next has the largest (1 - DIVERSITY) * relevance - DIVERSITY * the
    largest cosine to an entry taken before. A course of which nothing is known is neither like nor
    unlike them: it has the mean of the others' in the pool.
    """

    def __init__(self, weight: float, vectors: CourseVectors) -> None:
        """weight: 0 to 1."""
        self._weight, self._vectors = weight, vectors

    @classmethod
    def of(cls, given: Given) -> Self | None:
        if not given.settings.diversity:
            return None
        left = given.settings.memory_budget_mb * BYTES_PER_MB - resident_bytes()
        return cls(given.settings.diversity, course_vectors(given.dataset, left))

    @property
    def said(self) -> str:
        return f"diversity {self._weight:g}, by {self._vectors.made_of}"

    def over(self, pool: Pool) -> Turns:
        return _Diversifying(pool, self._weight, self._vectors)


class _Diversifying(Turns):
    def __init__(self, pool: Pool, weight: float, vectors: CourseVectors) -> None:
        self._pool, self._weight, self._vectors = pool, weight, vectors
        self._known = pool.entries(vectors.known)
        self._left = self._known.copy()
        """bool: what is known and was not taken yet."""
        self._nearest = np.zeros(pool.courses.shape, np.float32)
        """float32: the largest cosine of each entry to one that was taken."""

    def weighed(self, worth: NDArray[np.float32]) -> NDArray[np.float32]:
        counts = np.maximum(self._left.sum(axis=1, keepdims=True), 1)
        mean = (self._nearest * self._left).sum(axis=1, keepdims=True) / counts
        nearest = np.where(self._known, self._nearest, mean)
        return ((1 - self._weight) * worth - self._weight * nearest).astype(np.float32)

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        courses = self._pool.courses[rows]
        taken = courses[np.arange(len(rows)), columns]
        self._left[rows, columns] = False
        self._nearest[rows] = np.maximum(self._nearest[rows], self._vectors.cosines(taken, courses))
