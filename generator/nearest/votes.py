"""Courses that a user's neighbours watched, weighted by how near each neighbour is."""

from collections.abc import Callable, Hashable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.sparse import Candidates, top_n_sparse
from generator.nearest.top_n import TopN


class LastNeighbours:
    """The neighbours of the last block of users: reasons ask for those that were just ranked."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._top: TopN

    def of(
        self,
        users: NDArray[np.int32],
        k: int,
        rank: Callable[[NDArray[np.int32], int], TopN],
        how: Hashable,
    ) -> TopN:
        """``rank(users, k)``, or what it gave last time if nothing has changed, `how` included."""
        key = users.tobytes(), k, how
        if key != self._key:
            self._key, self._top = key, rank(users, k)
        return self._top


def top_n_of_neighbours(
    neighbours: TopN,
    courses: Candidates,
    n: int,
    *,
    seen: sp.csr_matrix,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` unseen courses with the largest sum, over neighbours, of similarity x weight.

    neighbours: [rows, k] user indices and similarities; those not above 0 have no vote.
    courses: of the transposed weights, float32 [courses, users]. seen: [rows, courses].
    """
    voting = (neighbours.indices >= 0) & (neighbours.scores > 0)
    similarities = sp.csr_matrix(
        (
            neighbours.scores[voting],
            neighbours.indices[voting],
            np.concatenate([[0], np.cumsum(voting.sum(axis=1))]),
        ),
        shape=(len(voting), courses.by_feature.shape[0]),
    )
    return top_n_sparse(
        similarities,
        courses,
        n,
        exclude=seen,
        threads=threads,
        memory_budget_bytes=memory_budget_bytes,
    )


def themselves(users: NDArray[np.int32], n_users: int) -> sp.csr_matrix:
    """bool [rows, users] with one entry a row, the user of that row: what no list may hold."""
    return sp.csr_matrix(
        (np.ones(len(users), bool), users, np.arange(len(users) + 1)), shape=(len(users), n_users)
    )
