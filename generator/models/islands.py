"""Users and courses that no chain of views connects: what factors say across is chance.

    u1 -- a -- u2      u3 -- b -- u4      u5 -- c
       an island          another       alone: nobody else has watched c

A factorisation gives u1 and u3 vectors all the same, and their cosine is whatever the seed made it.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from generator.dataset.take_ups import TakeUps
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.ties import TieOrder

NOWHERE = -1


class Islands:
    """Connected components of the graph of views that hold two users at least."""

    def __init__(self, views: sp.csr_matrix) -> None:
        """views: [users, courses], an entry a view that counts. Cost: linear in the entries."""
        users, courses = views.shape
        links = sp.coo_matrix(views)
        square = sp.coo_matrix(
            (np.ones(links.nnz, np.int8), (links.row, users + links.col)),
            shape=(users + courses, users + courses),
        )
        _, labels = connected_components(square, directed=False)
        sizes = np.bincount(labels[:users], minlength=labels.max(initial=-1) + 1)
        labels = np.where(sizes[labels] > 1, labels, NOWHERE).astype(np.int32)
        self.of_user = labels[:users]
        """int32 [users]: the number of the island, -1 for who shares no course with anybody."""
        self.of_course = labels[users:]
        """int32 [courses]: likewise, -1 for what nobody watched, or one who is alone."""


def shared_take_ups(taken: TakeUps, shape: tuple[int, int]) -> TakeUps:
    """Without courses that nobody took up who shares a course with anybody: they teach nothing.

    shape: users and courses, as many as there are.
    """
    return taken.of_courses(Islands(taken.matrix(shape)).of_course != NOWHERE)


class IslandCandidates:
    """Dense vectors to be searched, each island's apart."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        indices: NDArray[np.int32],
        islands: NDArray[np.int32],
        order: TieOrder,
    ) -> None:
        """vectors: float32 [candidates, size]; row i is ``indices[i]`` and on ``islands[i]``."""
        self._vectors, self._indices, self._islands = vectors, indices, islands
        self._order = order
        numbers, counts = np.unique(islands, return_counts=True)
        # Nearly everybody is on one island, and is asked about again and again.
        self._largest = int(numbers[counts.argmax()]) if len(numbers) else NOWHERE
        self._on_largest = self._made(self._largest)

    def on(self, island: int) -> DenseCandidates:
        return self._on_largest if island == self._largest else self._made(island)

    def _made(self, island: int) -> DenseCandidates:
        there = self._islands == island
        if there.all():
            return DenseCandidates(self._vectors, self._order, self._indices)
        return DenseCandidates(self._vectors[there], self._order, self._indices[there])
