"""Courses that a user's neighbours watched, weighted by how near each neighbour is."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.sparse import Candidates, top_n_sparse
from generator.nearest.top_n import TopN


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
