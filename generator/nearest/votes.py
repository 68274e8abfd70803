"""Courses that a user's neighbours watched, weighted by how near each neighbour is."""

from collections.abc import Callable, Hashable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import Salts
from generator.nearest.top_n import TopN


class LastNeighbours:
    """The neighbours of the block of users asked about last.

    A block's list of similar users, its courses and the reasons of both need the same ones.
    """

    def __init__(self, k: int) -> None:
        """k: the most that are asked for again and again."""
        self._k = k
        self._key: Hashable = None
        self._top: TopN

    def of(
        self,
        users: NDArray[np.int32],
        n: int,
        rank: Callable[[NDArray[np.int32], int], TopN],
        how: Hashable,
    ) -> TopN:
        """``rank(users, n)``, anew only if the users, `how` or a larger n ask for it; a copy."""
        key = users.tobytes(), how
        if key != self._key or n > self._top.indices.shape[1]:
            self._key, self._top = key, rank(users, max(n, self._k))
        return TopN(self._top.indices[:, :n].copy(), self._top.scores[:, :n].copy())


def top_n_of_neighbours(
    neighbours: TopN,
    courses: SparseCandidates,
    n: int,
    *,
    salts: Salts,
    seen: sp.csr_matrix,
    threads: int = 1,
    memory_budget_bytes: int = 2**31,
) -> TopN:
    """The `n` unseen courses with the largest sum, over neighbours, of similarity x weight.

    neighbours: [rows, k] user indices and similarities; those not above 0 have no vote.
    courses: of the transposed weights, float32 [courses, users]. salts: uint32 [rows, 2], of
    whoever the rows are. seen: [rows, courses].
    """
    return top_n_sparse(
        _similarities(neighbours, courses.by_feature.shape[0]),
        courses,
        n,
        salts=salts,
        exclude=seen,
        threads=threads,
        memory_budget_bytes=memory_budget_bytes,
    )


def scores_by_votes(
    neighbours: TopN, watched: sp.csr_matrix, courses: NDArray[np.int32]
) -> NDArray[np.float32]:
    """The same sums for given courses, int32 [rows, n]: float32 [rows, n], 0 without a vote.

    watched: float32 [users, courses]. Cost: the courses of all neighbours of a row.
    """
    votes = (_similarities(neighbours, watched.shape[0]) @ watched).tocsr()
    rows = np.repeat(np.arange(len(courses)), courses.shape[1])
    return np.asarray(votes[rows, courses.ravel()], np.float32).reshape(courses.shape)


def _similarities(neighbours: TopN, n_users: int) -> sp.csr_matrix:
    """float32 [rows, users], of those above 0."""
    voting = (neighbours.indices >= 0) & (neighbours.scores > 0)
    starts = np.concatenate([[0], np.cumsum(voting.sum(axis=1))])
    return sp.csr_matrix(
        (neighbours.scores[voting], neighbours.indices[voting], starts),
        shape=(len(voting), n_users),
    )


def themselves(users: NDArray[np.int32], n_users: int) -> sp.csr_matrix:
    """bool [rows, users] with one entry a row, the user of that row: what no list may hold."""
    return sp.csr_matrix(
        (np.ones(len(users), bool), users, np.arange(len(users) + 1)), shape=(len(users), n_users)
    )
