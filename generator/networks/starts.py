"""Where the vectors of courses start: at what is taken up near each other."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from generator.networks.sequences import COURSES, Sequences

WINDOW = 10
DECAY = 0.8
STANDARD_DEVIATION = 0.1


def co_occurrence_start(
    sequences: Sequences, courses: int, size: int, seed: int, noise: float = 1.0
) -> NDArray[np.float32]:
    """float32 [courses, size]: singular vectors of who is taken up within ten courses of whom.

    Of ``log(1 + counts / sqrt(row sum * column sum) * mean)``; a network that starts there is after
    one epoch where one of random vectors is after ten. What the data has no numbers for is noise,
    so large beside the others.
    """
    random = np.random.default_rng(seed)
    vectors = random.normal(scale=noise, size=(courses, size))
    near = _near(sequences, courses)
    rank = min(size, courses - 1)
    if near.nnz and rank > 0:
        left, strengths, _ = randomized_svd(near, rank, random_state=seed)
        vectors[:, :rank] = left * np.sqrt(strengths)
        vectors[:, :rank] /= max(float(vectors[:, :rank].std()), 1e-12)
        vectors[:, rank:] = random.normal(scale=noise, size=(courses, size - rank))
        nowhere = np.diff(near.indptr) == 0
        vectors[nowhere] = random.normal(scale=noise, size=(int(nowhere.sum()), size))
    return (STANDARD_DEVIATION * vectors).astype(np.float32)


class SingularVectors(NamedTuple):
    """Each column has length 1; what the data has no numbers for is 0."""

    users: NDArray[np.float32]
    """float32 [users, size]"""
    courses: NDArray[np.float32]
    """float32 [courses, size]"""
    strengths: NDArray[np.float32]
    """float32 [size], descending."""


def singular_vectors(
    pairs: tuple[NDArray[np.int32], NDArray[np.int32]], shape: tuple[int, int], size: int, seed: int
) -> SingularVectors:
    """The first ones of who took up what, where each pair counts 1 over the roots of how many its
    user and its course are in."""
    counts = [
        np.maximum(np.bincount(of, minlength=n), 1) for of, n in zip(pairs, shape, strict=True)
    ]
    entries = 1 / np.sqrt(counts[0][pairs[0]] * counts[1][pairs[1]].astype(np.float64))
    users, courses, strengths = (np.zeros((rows, size), np.float32) for rows in (*shape, 1))
    rank = min(size, min(shape) - 1)
    if rank > 0 and len(entries):
        matrix = sp.csr_matrix((entries, pairs), shape=shape)
        left, found, right = randomized_svd(matrix, rank, random_state=seed)
        users[:, :rank], courses[:, :rank], strengths[0, :rank] = left, right.T, found
    return SingularVectors(users, courses, strengths[0])


def random_start(courses: int, size: int, seed: int) -> NDArray[np.float32]:
    """float32 [courses, size]"""
    vectors = np.random.default_rng(seed).normal(size=(courses, size))
    return (STANDARD_DEVIATION * vectors).astype(np.float32)


def _near(sequences: Sequences, courses: int) -> sp.csr_matrix:
    """float64 [courses, courses], symmetric."""
    taken = sequences.steps[COURSES] - 1
    user = np.repeat(np.arange(len(sequences.lengths)), sequences.lengths)
    counts = sp.csr_matrix((courses, courses))
    for steps in range(1, WINDOW + 1):
        same = user[:-steps] == user[steps:]
        places = taken[:-steps][same], taken[steps:][same]
        weights = np.full(len(places[0]), DECAY ** (steps - 1))
        counts = counts + sp.csr_matrix((weights, places), (courses, courses))
    counts = (counts + counts.T).tocsr()
    sums = np.asarray(counts.sum(axis=1)).ravel()
    scale = sp.diags(1 / np.sqrt(np.maximum(sums, 1e-12)))
    near = (scale @ counts @ scale).tocsr()
    near.data = np.log1p(near.data * max(float(sums.mean()), 1e-12))
    return near
