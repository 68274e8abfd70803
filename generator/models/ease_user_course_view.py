"""What each course says about every other, as one linear regression with a closed form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generator.dataset.dataset import Dataset, Input
from generator.dataset.view_weights import view_weights
from generator.models.base import Model, RunOptions, Task
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import TopN, empty_top_n
from generator.reasons.reasons import Reasons, strongest
from shared.errors import ModelError
from shared.records import ReasonKind

BYTES_PER_SCORE = 4 * 4
"""A score, and the copies that ranking it takes."""
COLUMNS_PER_BLOCK = 1024
STRIPS = 4
"""Of so many columns, which inverting copies."""
MAX_ROWS_PER_BLOCK = 4096


@dataclass(frozen=True)
class EaseConfig:
    reg: float = field(
        default=300.0,
        metadata={
            "help": "Pull of every weight between two courses towards zero.",
            "search": (10.0, 3000.0),
        },
    )

    def __post_init__(self) -> None:
        if not 0 < self.reg < np.inf:
            raise ValueError(f"reg must be above 0 and finite. Received: {self.reg!r}")


class EaseUserCourseView(Model):
    """EASE: a linear autoencoder with an empty diagonal (Steck, WWW 2019).

    X holds the damped view times of `view_weights`. The weights B minimise ``|X - XB|^2 + reg *
    |B|^2`` with ``diag(B) = 0``, so that no course predicts itself: with ``P = (X'X + reg *
    I)^-1``, ``B = I - P / diag(P)`` (column by column).

    Assumes that courses explain courses, and nothing about users; knows users with some view time
    and lists courses that anybody spent time on. Score of a course: its predicted weight, about 0
    to 1. Cost: courses ** 3 multiplications and courses ** 2 * 4 bytes: 1.7 GB for 20,000 courses,
    6.7 GB for 41,000.
    """

    handle = "ease_user_course_view"
    title = "Courses that explain courses (EASE)"
    serves: ClassVar[tuple[Task, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {"recommendations": "watched_courses"}
    Config = EaseConfig
    config: EaseConfig

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, one square matrix of courses, and what inverting it copies of that."""
        courses = len(dataset.courses)
        return super().memory_bytes(dataset) + 4 * courses * (courses + STRIPS * COLUMNS_PER_BLOCK)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        weights = view_weights(dataset.view_seconds)
        self._courses = np.unique(weights.indices).astype(np.int32)
        self._views = weights[:, self._courses].tocsr()
        gram = self._gram(self._views, run)
        with threadpool_limits(run.threads, user_api="blas"):
            inverse = self._inverted(gram, run)
        self._weights = _without_diagonal(inverse)

    def _gram(self, views: sp.csr_matrix, run: RunOptions) -> NDArray[np.float32]:
        """X'X + reg * I; float32 [courses, courses]."""
        size = views.shape[1]
        gram = np.zeros((size, size), np.float32)
        by_course = views.T.tocsr()
        step = min(COLUMNS_PER_BLOCK, max(1, run.memory_budget_bytes // (size * BYTES_PER_SCORE)))
        for start in range(0, size, step):
            columns = slice(start, start + step)
            gram[:, columns] = (by_course @ views[:, columns]).toarray()
        gram[np.diag_indices(size)] += self.config.reg
        return gram

    def _inverted(self, matrix: NDArray[np.float32], run: RunOptions) -> NDArray[np.float32]:
        """The lower triangle of the inverse, in the place of `matrix`.

        The sweep operator (Goodnight 1979), a strip of columns at a time. LAPACK's `potrf` in
        OpenBLAS writes beyond its buffers from some 33,000 columns on (its issue 2562).
        """
        size = len(matrix)
        for start in range(0, size, COLUMNS_PER_BLOCK):
            stop = min(start + COLUMNS_PER_BLOCK, size)
            pivot = self._inverted_block(matrix[start:stop, start:stop])
            strip = np.zeros((size, stop - start), np.float32)
            strip[:start] = matrix[start:stop, :start].T
            strip[stop:] = matrix[stop:, start:stop]
            swept = strip @ pivot
            for first in range(0, size, COLUMNS_PER_BLOCK):
                last = min(first + COLUMNS_PER_BLOCK, size)
                matrix[first:last, :last] -= swept[first:last] @ strip[:last].T
            matrix[start:stop, :start] = swept[:start].T
            matrix[stop:, start:stop] = swept[stop:]
            matrix[start:stop, start:stop] = -pivot
            run.progress(stop, size)
        matrix *= -1
        return matrix

    def _inverted_block(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            inverse: NDArray[np.float32] = np.linalg.inv(np.linalg.cholesky(block))
        except np.linalg.LinAlgError:
            raise ModelError(
                f"{self.handle} ran out of numbers while fitting: raise its reg "
                f"({self.config.reg:g})."
            ) from None
        return inverse.T @ inverse

    def _knows(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = np.diff(self._views.indptr) > 0
        return knows

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(users), n)
        bytes_per_row = len(self._courses) * BYTES_PER_SCORE
        step = max(1, self.run.memory_budget_bytes // bytes_per_row)
        for start in range(0, len(users), min(step, MAX_ROWS_PER_BLOCK)):
            rows = slice(start, start + min(step, MAX_ROWS_PER_BLOCK))
            best = top_n_of_scores(
                self._views[users[rows]] @ self._weights,
                n,
                exclude=self.dataset.seen[users[rows]][:, self._courses],
                indices=self._courses,
            )
            top.indices[rows], top.scores[rows] = best
        return top

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        """The terms of the user's row times B."""
        row, column = np.nonzero(listed >= 0)
        terms = self._views[users[row]].tocsr()
        course = np.searchsorted(self._courses, listed[row, column])
        terms.data *= self._weights[terms.indices, np.repeat(course, np.diff(terms.indptr))]
        return strongest(terms, listed).renumbered(self._courses)


def _without_diagonal(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """B of the docstring, in the place of the lower triangle of an inverse."""
    size = len(weights)
    diagonal = weights.diagonal().copy()
    for start in range(0, size, COLUMNS_PER_BLOCK):
        rows = slice(start, start + COLUMNS_PER_BLOCK)
        for other in range(0, start, COLUMNS_PER_BLOCK):
            columns = slice(other, other + COLUMNS_PER_BLOCK)
            weights[columns, rows] = weights[rows, columns].T
        square = np.tril(weights[rows, rows])
        weights[rows, rows] = square + np.tril(square, -1).T
    weights /= -diagonal
    np.fill_diagonal(weights, 0)
    return weights
