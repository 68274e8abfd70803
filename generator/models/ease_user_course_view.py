"""What each course says about every other, as one linear regression with a closed form."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.dataset.few_users import FewUsers
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, Islands
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import TopN, empty_top_n
from generator.reasons.reasons import Reasons, strongest
from shared.errors import ModelError
from shared.kinds import KindName
from shared.records import ReasonKind

BYTES_PER_SCORE = 4 * 4
"""A score, and the copies that ranking it takes."""
COLUMNS_PER_BLOCK = 1024
STRIPS = 4
"""Of so many columns, which inverting copies."""
MAX_ROWS_PER_BLOCK = 4096


class EaseOptions(ModelOptions):
    reg: Annotated[float, Searched(0.1, 3000.0)] = Field(
        300.0, gt=0, description="Pull of every weight between two courses towards zero."
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class EaseUserCourseView(Model):
    """EASE: a linear autoencoder with an empty diagonal (Steck, WWW 2019).

    X holds the weights of `generator.dataset.evidence`. The weights B minimise ``|X - XB|^2 + reg *
    |B|^2`` with ``diag(B) = 0``, so that no course predicts itself: with ``P = (X'X + reg *
    I)^-1``, ``B = I - P / diag(P)`` (column by column).

    Assumes that courses explain courses, and nothing about users; knows users who share a course
    with somebody, and their courses. Score of a course for a user: its predicted weight, about 0
    to 1; of a similar course: what it is predicted for one who watched the other alone, its entry
    of B. What is not above 0 has nothing that speaks for it. A user who is folded in is a row of X
    like any other. Cost: courses ** 3 multiplications and courses ** 2 * 4 bytes: 1.7 GB for 20,000
    courses, 6.7 GB for 41,000.
    """

    handle = "ease_user_course_view"
    title = "Courses that explain courses (EASE)"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations", "similar_courses", "course_users")
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    Options = EaseOptions
    config: EaseOptions
    learned = ("_evidence", "_courses", "_weights")

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, one square matrix of courses, and what inverting it copies of that."""
        courses = len(dataset.courses)
        return super().memory_bytes(dataset) + 4 * courses * (courses + STRIPS * COLUMNS_PER_BLOCK)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        evidence = Evidence.of(dataset, self.config.reviews)
        self._evidence = evidence.learned
        views = evidence.weights(dataset)
        self._courses = np.flatnonzero(Islands(views).of_course != NOWHERE).astype(np.int32)
        gram = self._gram(views[:, self._courses].tocsr(), run)
        self._weights = _without_diagonal(self._inverted(gram, run))

    def _prepare(self) -> None:
        self._views = self._weights_of(self.dataset)
        self._place = np.full(len(self.dataset.courses), -1, np.int32)
        self._place[self._courses] = np.arange(len(self._courses))

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._courses = carried.courses[self._courses]

    def _weights_of(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses that are compared]."""
        return Evidence(**self._evidence).weights(dataset)[:, self._courses].tocsr()

    def _take_in(self, few: FewUsers) -> None:
        self._views = few.into(self._views, self._weights_of(few.dataset))

    def _gram(self, views: sp.csr_matrix, run: RunOptions) -> NDArray[np.float32]:
        """X'X + reg * I; float32 [courses, courses]."""
        size = views.shape[1]
        gram = np.zeros((size, size), np.float32)
        by_course = views.T.tocsr()
        rows_that_fit = run.memory_budget_bytes // max(size * BYTES_PER_SCORE, 1)
        step = min(COLUMNS_PER_BLOCK, max(1, rows_that_fit))
        for start in range(0, size, step):
            columns = slice(start, start + step)
            gram[:, columns] = (by_course @ views[:, columns]).toarray()
        gram[np.diag_indices(size)] += self.config.reg
        return gram

    def _inverted(self, matrix: NDArray[np.float32], run: RunOptions) -> NDArray[np.float32]:
        """The lower triangle of the inverse, in the place of `matrix`.

        The sweep operator (Goodnight 1979), a strip of columns at a time. LAPACK's `potrf` in
        OpenBLAS writes beyond its buffers from some 33,000 columns on (its issue 2562). Threads
        share out the tiles of one size, so that no sum depends on how many threads there are:

            . . . | .       strip: the columns (and, transposed, the row) of the pivot
            s s p | s       tile -= swept s @ s', for every tile at or below the diagonal
            . . s | .
        """
        size = len(matrix)
        blocks = [slice(at, min(at + COLUMNS_PER_BLOCK, size)) for at in _starts(size)]
        with ThreadPoolExecutor(run.threads) as pool:
            for done, pivot in enumerate(blocks):
                inverse = self._inverted_block(matrix[pivot, pivot])
                strip = np.zeros((size, pivot.stop - pivot.start), np.float32)
                strip[: pivot.start] = matrix[pivot, : pivot.start].T
                strip[pivot.stop :] = matrix[pivot.stop :, pivot]
                swept = np.empty_like(strip)
                sweep = partial(_sweep, matrix, strip, swept, inverse, blocks)
                list(pool.map(sweep, reversed(range(len(blocks)))))
                matrix[pivot, : pivot.start] = swept[: pivot.start].T
                matrix[pivot.stop :, pivot] = swept[pivot.stop :]
                matrix[pivot, pivot] = -inverse
                run.progress(done + 1, len(blocks))
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

    def _knows_courses(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = self._place >= 0
        return knows

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(users), n)
        for rows in self._blocks(len(users), len(self._courses)):
            top.indices[rows], top.scores[rows] = top_n_of_scores(
                self._views[users[rows]] @ self._weights,
                n,
                ties=self._search.ties("recommendations", users[rows]),
                exclude=self._search.unlisted("recommendations", users[rows])[:, self._courses],
                indices=self._courses,
                above=0,
            )
        return top

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(courses), n)
        for rows in self._blocks(len(courses), len(self._courses)):
            top.indices[rows], top.scores[rows] = top_n_of_scores(
                self._weights[self._place[courses[rows]]],
                n,
                ties=self._search.ties("similar_courses", courses[rows]),
                exclude=self._search.unlisted("similar_courses", courses[rows])[:, self._courses],
                indices=self._courses,
                above=0,
            )
        return top

    def _course_users(self, courses: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(courses), n)
        for rows in self._blocks(len(courses), len(self.dataset.users)):
            of_courses = self._weights[:, self._place[courses[rows]]]
            top.indices[rows], top.scores[rows] = top_n_of_scores(
                np.ascontiguousarray((self._views @ of_courses).T),
                n,
                ties=self._search.ties("course_users", courses[rows]),
                exclude=self._search.unlisted("course_users", courses[rows]),
                above=0,
            )
        return top

    def _blocks(self, subjects: int, candidates: int) -> Iterator[slice]:
        fitting = self.run.memory_budget_bytes // (candidates * BYTES_PER_SCORE)
        step = min(max(1, fitting), MAX_ROWS_PER_BLOCK)
        return (slice(start, start + step) for start in range(0, subjects, step))

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        places = self._place[courses]
        scores = np.full(courses.shape, np.nan, np.float32)
        for rows in self._blocks(len(users), len(self._courses)):
            predicted = self._views[users[rows]] @ self._weights
            scores[rows] = np.take_along_axis(predicted, np.maximum(places[rows], 0), axis=1)
        scores[places < 0] = np.nan
        return scores

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        """The terms of the user's row times B."""
        row, column = np.nonzero(listed >= 0)
        terms = self._views[subjects[row]].tocsr()
        course = self._place[listed[row, column]]
        terms.data *= self._weights[terms.indices, np.repeat(course, np.diff(terms.indptr))]
        return strongest(terms, listed).renumbered(self._courses)


def _starts(size: int) -> range:
    return range(0, size, COLUMNS_PER_BLOCK)


def _sweep(
    matrix: NDArray[np.float32],
    strip: NDArray[np.float32],
    swept: NDArray[np.float32],
    inverse: NDArray[np.float32],
    blocks: list[slice],
    number: int,
) -> None:
    """One row of tiles up to the diagonal, and its part of `swept`."""
    rows = blocks[number]
    swept[rows] = strip[rows] @ inverse
    for columns in blocks[: number + 1]:
        matrix[rows, columns] -= swept[rows] @ strip[columns].T


def _without_diagonal(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """B of the docstring, in the place of the lower triangle of an inverse."""
    size = len(weights)
    diagonal = weights.diagonal().copy()
    for start in _starts(size):
        rows = slice(start, start + COLUMNS_PER_BLOCK)
        for other in range(0, start, COLUMNS_PER_BLOCK):
            columns = slice(other, other + COLUMNS_PER_BLOCK)
            weights[columns, rows] = weights[rows, columns].T
        square = np.tril(weights[rows, rows])
        weights[rows, rows] = square + np.tril(square, -1).T
    weights /= -diagonal
    np.fill_diagonal(weights, 0)
    return weights
