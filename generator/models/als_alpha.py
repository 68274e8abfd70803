"""How sure of a viewed course a factorisation should be, tried on views held out of its own."""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

ALPHAS = (40.0, 10.0, 4.0, 1.0, 0.25)
"""From sparse data to dense: where few of all pairs are viewed, a view says more."""
HELD_OUT_SHARE = 0.2
MOST_HELD_OUT = 20
"""Of a user."""
FEWEST_VIEWS = 3
"""Of a user; who has less has none to spare."""
FEWEST_USERS, MOST_USERS = 300, 3000
"""To be asked about: fewer cannot tell one alpha from the next."""
MOST_VIEWS = 400_000
DEPTH = 10
DISCOUNTS = 1 / np.log2(np.arange(2, DEPTH + 2))
SCORES_PER_BLOCK = 2**21

Factors = tuple[NDArray[np.float32], NDArray[np.float32]]
Factorise = Callable[[sp.csr_matrix, float], Factors]
"""(weights of views, alpha) -> float32 vectors of users and of courses."""


class HeldOutViews(NamedTuple):
    """Views of some users, float32 [users, courses], without those that are to be found again."""

    views: sp.csr_matrix
    held_out: sp.csr_matrix
    asked: NDArray[np.int64]
    """Row numbers of the users with something held out."""


def chosen_alpha(weights: sp.csr_matrix, factorise: Factorise, seed: int) -> float:
    """The one of `ALPHAS` that finds most again: downwards, as long as it gets better.

    weights: float32 [users, courses], 1 for an average view. Where there are too few users to tell,
    it is the first. Cost: a factorisation of 400,000 views at most for each that is tried, two of
    them on sparse data.
    """
    trial = held_out_views(weights, seed)
    if len(trial.asked) < FEWEST_USERS:
        return ALPHAS[0]
    best = found_again(trial, *factorise(trial.views, ALPHAS[0]))
    for alpha, lower in pairwise(ALPHAS):
        found = found_again(trial, *factorise(trial.views, lower))
        if found <= best:
            return alpha
        best = found
    return ALPHAS[-1]


def held_out_views(weights: sp.csr_matrix, seed: int) -> HeldOutViews:
    """Users by lot until they have 400,000 views; of 3,000 of them a fifth is held out, by lot."""
    random = np.random.default_rng(seed)
    counts = np.diff(weights.indptr)
    lot = random.permutation(len(counts))
    views = weights[lot[np.cumsum(counts[lot]) <= MOST_VIEWS]].tocsr()
    counts = np.diff(views.indptr)
    asked = np.flatnonzero(counts >= FEWEST_VIEWS)[:MOST_USERS]
    wanted = np.zeros(len(counts), np.int64)
    wanted[asked] = np.clip(np.rint(HELD_OUT_SHARE * counts[asked]), 1, MOST_HELD_OUT)
    owner = np.repeat(np.arange(len(counts)), counts)
    lots = np.lexsort((random.random(views.nnz), owner))
    held_out = np.zeros(views.nnz, bool)
    held_out[lots] = np.arange(views.nnz) - views.indptr[owner] < wanted[owner]
    return HeldOutViews(_only(views, ~held_out), _only(views, held_out), asked)


def found_again(
    trial: HeldOutViews, users: NDArray[np.float32], courses: NDArray[np.float32]
) -> float:
    """Mean NDCG@10 of the courses with the largest product above 0, those in `views` left out.

    users: float32 [users, size]. courses: float32 [courses, size]. A course comes after all others
    of its score.
    """
    # Most of a large catalogue may be in nobody's views here, and has no vector.
    known = np.flatnonzero(courses.any(axis=1))
    vectors = np.ascontiguousarray(courses[known].T)
    views, held_out = (matrix[:, known].tocsr() for matrix in (trial.views, trial.held_out))
    in_all = np.diff(trial.held_out.indptr)
    ideal, total = np.cumsum(DISCOUNTS), 0.0
    step = max(1, SCORES_PER_BLOCK // max(len(known), 1))
    for start in range(0, len(trial.asked), step):
        rows = trial.asked[start : start + step]
        scores = users[rows] @ vectors
        viewed = views[rows].tocoo()
        scores[viewed.row, viewed.col] = -np.inf
        gains = _gains(scores, held_out[rows])
        total += float((gains / ideal[np.minimum(in_all[rows], DEPTH) - 1]).sum())
    return total / len(trial.asked)


def _gains(scores: NDArray[np.float32], held_out: sp.csr_matrix) -> NDArray[np.float64]:
    """float64 [rows]: the sum of the discounts of what is among the first ten."""
    counts, gains = np.diff(held_out.indptr), np.zeros(len(scores))
    # One held-out course of every row at a time: all at once would copy the block so many times.
    for place in range(counts.max(initial=0)):
        rows = np.flatnonzero(counts > place)
        wanted = scores[rows, held_out.indices[held_out.indptr[rows] + place]]
        ahead = (scores[rows] >= wanted[:, None]).sum(axis=1) - 1
        hits = (ahead < DEPTH) & (wanted > 0)
        gains[rows[hits]] += DISCOUNTS[ahead[hits]]
    return gains


def _only(views: sp.csr_matrix, kept: NDArray[np.bool_]) -> sp.csr_matrix:
    ends = np.concatenate([[0], np.cumsum(kept)])[views.indptr]
    return sp.csr_matrix((views.data[kept], views.indices[kept], ends), shape=views.shape)
