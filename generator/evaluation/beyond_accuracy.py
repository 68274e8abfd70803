"""What lists are like besides right: how much of the catalogue, how new, how varied, how popular.

Lists are int [users, n] with -1 as padding. Per user: float64, NaN where the list is too short to
say anything; the figure of a model is the mean over the other users.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from generator.dataset.dataset import Dataset
from generator.evaluation.metrics import PerUser

Lists = NDArray[np.int32]

USERS_PER_BLOCK = 16_384


def user_coverage(listed: Lists) -> PerUser:
    """1 where a user gets any course at all, else 0."""
    return np.asarray((listed >= 0).any(axis=1), np.float64)


def course_coverage(listed: Lists, courses: int, k: int) -> float:
    """Share of the catalogue that is in anybody's first k."""
    first = listed[:, :k]
    return len(np.unique(first[first >= 0])) / courses if courses else 0.0


def novelty(listed: Lists, viewers: NDArray[np.int64], users: int, k: int) -> PerUser:
    """Mean self-information of the first k, in bits: log2(users / viewers of the course).

    Zhou et al. 2010. A course nobody viewed counts as viewed once.
    """
    return _mean_of_listed(listed[:, :k], np.log2(max(users, 1) / np.maximum(viewers, 1)))


def diversity(listed: Lists, course_vectors: sp.csr_matrix, k: int) -> PerUser:
    """Mean distance, 1 - cosine, over the pairs of the first k (Ziegler et al. 2005).

    course_vectors: rows of length 1 or empty (see `course_vectors`). NaN for lists of fewer than 2,
    and for everybody if no course has a tag.
    """
    first = listed[:, :k]
    if not course_vectors.nnz:
        return np.full(len(first), np.nan)
    counts = (first >= 0).sum(axis=1)
    similar = np.zeros(len(first))
    for start in range(0, len(first), USERS_PER_BLOCK):
        block = first[start : start + USERS_PER_BLOCK]
        members = _memberships(block, course_vectors.shape[0])
        # |sum of vectors|^2 holds every pair twice, and each vector with itself.
        total = (members @ course_vectors).power(2).sum(axis=1).A1
        alone = members @ course_vectors.power(2).sum(axis=1).A1
        similar[start : start + len(block)] = total - alone
    pairs = counts * (counts - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, 1 - similar / pairs, np.nan)


def popularity_lift(listed: Lists, train: Dataset, users: NDArray[np.int32], k: int) -> float:
    """How much more viewed the first k are than what the users have seen: 0 as much, 1 twice.

    Mean over users of the mean number of viewers, lists against histories (Abdollahpouri et al.
    2019). NaN if there are no lists.
    """
    of_lists = _mean_of_listed(listed[:, :k], train.viewers.astype(float))
    seen = train.seen[users].astype(np.float64)
    of_history = (seen @ train.viewers) / np.maximum(np.diff(seen.indptr), 1)
    asked = ~np.isnan(of_lists) & (of_history > 0)
    if not asked.any():
        return float("nan")
    return float(of_lists[asked].mean() / of_history[asked].mean() - 1)


def course_vectors(train: Dataset) -> sp.csr_matrix:
    """What courses are compared by for diversity: their tags, each row of length 1 or empty."""
    tags = train.course_tags.astype(np.float64)
    # The library refuses a matrix without columns.
    return normalize(tags) if tags.nnz else tags


def _mean_of_listed(listed: Lists, per_course: NDArray[np.float64]) -> PerUser:
    present = listed >= 0
    counts = present.sum(axis=1)
    values = per_course[np.where(present, listed, 0)] if len(per_course) else present * 0.0
    means = np.full(len(listed), np.nan)
    np.divide((values * present).sum(axis=1), counts, out=means, where=counts > 0)
    return means


def _memberships(listed: Lists, courses: int) -> sp.csr_matrix:
    present = listed >= 0
    indptr = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    ones = np.ones(indptr[-1])
    return sp.csr_matrix((ones, listed[present], indptr), shape=(len(listed), courses))
