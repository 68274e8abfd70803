"""One course of some users, that training does not see: to say which epoch was best."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.models.network_training import LEAST_HELD_OUT, held_out_users
from generator.networks.factor_batches import Pairs

K = 10


def pairs_of(amounts: sp.csr_matrix) -> Pairs:
    """The entries of float32 [users, courses]."""
    users = np.repeat(np.arange(amounts.shape[0], dtype=np.int32), np.diff(amounts.indptr))
    return Pairs(users, amounts.indices.astype(np.int32), amounts.data.astype(np.float32))


def is_held_out(amounts: sp.csr_matrix, seed: int) -> NDArray[np.bool_]:
    """bool [entries]: one of each chosen user's, by lot, of courses that others have too."""
    counts = np.diff(amounts.indptr).astype(np.int64)
    users = held_out_users(counts, seed)
    chosen = np.zeros(amounts.nnz, bool)
    lots = np.random.default_rng((seed, 1)).random(len(users))
    chosen[amounts.indptr[users] + (lots * counts[users]).astype(np.int64)] = True
    chosen &= np.bincount(amounts.indices, minlength=amounts.shape[1])[amounts.indices] > 1
    return chosen if chosen.sum() >= LEAST_HELD_OUT else np.zeros(amounts.nnz, bool)


def ndcg_of(
    held_out: Pairs, amounts: sp.csr_matrix, scores_of: Callable[[int], NDArray[np.float32]]
) -> float:
    """NDCG@10 of the one course held out of each, among all that the user has not viewed.

    scores_of: user -> float32 [courses], which may be written to.
    """
    gains = 0.0
    for user, course in zip(held_out.users, held_out.courses, strict=True):
        scores = scores_of(user)
        wanted = scores[course]
        scores[amounts.indices[amounts.indptr[user] : amounts.indptr[user + 1]]] = -np.inf
        rank = int((scores > wanted).sum())
        gains += 1 / np.log2(rank + 2) if rank < K else 0.0
    return float(gains / len(held_out))
