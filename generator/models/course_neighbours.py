"""Models whose courses speak for the few courses that are nearest to them by who viewed both."""

from abc import abstractmethod
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, Islands
from generator.models.item_based import ItemBased
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN

ROWS_PER_STEP = 4096
BYTES_PER_NEIGHBOUR = 8
COPIES_OF_NEIGHBOURS = 10
"""Listed, kept, turned round and laid out for the search."""


class CourseNeighboursOptions(ModelOptions):
    k: Annotated[int, Searched(20, 800)] = Field(
        400, ge=1, le=100_000, description="Nearest courses that each course speaks for."
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class CourseNeighbours(ItemBased):
    """Of the product of two sparse matrices, [courses, users] and [users, courses], each row keeps
    its `k` largest entries: what the course says of others. Users who are folded in are rows of
    views like any others, and change nothing of that.
    """

    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    Options = CourseNeighboursOptions
    config: CourseNeighboursOptions
    learned = ("_evidence", "_neighbours")

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the neighbours, of which there are no more than pairs of courses."""
        courses = len(dataset.courses)
        neighbours = courses * min(self.config.k, courses)
        held = COPIES_OF_NEIGHBOURS * BYTES_PER_NEIGHBOUR * neighbours
        return super().memory_bytes(dataset) + held

    @abstractmethod
    def _sides(self, views: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        """float32 [courses, users] and [users, courses], of which the product is taken.

        views: float32 [users, courses], by `Evidence.weights`, of what two users or more connect.
        """

    def _asking(self, views: sp.csr_matrix) -> sp.csr_matrix:
        """What each view counts where its user's courses are asked."""
        return views

    def _counted(self, dataset: Dataset) -> sp.csr_matrix:
        return self._asking(Evidence(**self._evidence).weights(dataset))

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        evidence = Evidence.of(dataset, self.config.reviews)
        self._evidence = evidence.learned
        left, right = self._sides(_connected(evidence.weights(dataset)))
        candidates = SparseCandidates(right.T.tocsr(), self._search.order("course"))
        size = len(dataset.courses)
        kept = []
        for start in range(0, size, ROWS_PER_STEP):
            courses = np.arange(start, min(start + ROWS_PER_STEP, size), dtype=np.int32)
            k = min(self.config.k, size)
            queries = left[courses]
            top = self._search.nearest("similar_courses", courses, queries, candidates, k)
            kept.append(_as_rows(top, size))
            run.progress(int(courses[-1]) + 1, size)
        self._neighbours = sp.vstack(kept, format="csr")

    def _prepare(self) -> None:
        self._ask(self._neighbours)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._neighbours = carried.between_courses(self._neighbours)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        alone = self._each(courses)
        return self._search.nearest("similar_courses", courses, alone, self._next, n)


def _connected(views: sp.csr_matrix) -> sp.csr_matrix:
    """Without views of courses that nobody viewed who shares a course with anybody."""
    on = (Islands(views).of_course != NOWHERE).astype(np.float32)
    connected = (views @ sp.diags(on)).tocsr().astype(np.float32)
    connected.eliminate_zeros()
    return connected


def _as_rows(top: TopN, size: int) -> sp.csr_matrix:
    """float32 [rows, size]: what is listed, as a matrix with sorted indices."""
    row, place = np.nonzero(top.indices >= 0)
    listed = top.scores[row, place], (row, top.indices[row, place])
    return sp.csr_matrix(listed, shape=(len(top.indices), size), dtype=np.float32)
