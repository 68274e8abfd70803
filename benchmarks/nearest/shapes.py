"""Vectors of users and courses in the shapes that platforms have, drawn by seed."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.synthetic import synthesize
from generator.validation.validation import validate_tables

Dense = NDArray[np.float32]

TAGS_OF_A_USER = 10
HEAVY_USER = 20_000
CROWDS = 200
SHARE_IN_CROWDS = 0.9


def platform(users: int, seed: int) -> dict[str, sp.csr_matrix]:
    """Of a synthesized platform: TF-IDF of its users' interests, and of their view times."""
    with tempfile.TemporaryDirectory() as folder:
        synthesize(Path(folder), users, users * 3 // 2, seed, users * 10, file_format="parquet")
        tables = load_tables(folder)
    dataset = build_dataset(validate_tables(tables, "auto", "auto").tables)
    interests, views = dataset.interests, (dataset.view_seconds / 60).log1p().tocsr()
    views.eliminate_zeros()
    return {
        name: weighted(matrix[np.diff(matrix.indptr) > 0])
        for name, matrix in {"interests": interests, "view times": views}.items()
    }


def interests(users: int, tags: int, exponent: float, rng: np.random.Generator) -> sp.csr_matrix:
    """TF-IDF of users with about 10 tags each, tag r drawn by 1 / r ** exponent."""
    counts = 1 + rng.poisson(TAGS_OF_A_USER - 1, users)
    shares = 1 / np.arange(1, tags + 1) ** exponent
    drawn = rng.choice(tags, counts.sum(), p=shares / shares.sum())
    return weighted(_matrix(np.repeat(np.arange(users), counts), drawn, (users, tags)))


def identical_interests(
    users: int, tags: int, exponent: float, rng: np.random.Generator
) -> sp.csr_matrix:
    """Nine users in ten have exactly the tags of one of 200."""
    own = interests(users, tags, exponent, rng)
    copied = np.where(rng.random(users) < SHARE_IN_CROWDS, rng.integers(0, CROWDS, users), -1)
    return own[np.where(copied >= 0, copied, np.arange(users))]


def views_with_a_heavy_user(
    users: int, courses: int, exponent: float, rng: np.random.Generator
) -> sp.csr_matrix:
    """As `interests`, over many courses, one user having viewed 20,000 of them."""
    matrix = interests(users, courses, exponent, rng).tolil()
    matrix[0, rng.choice(courses, min(HEAVY_USER, courses), replace=False)] = 1
    return weighted(matrix.tocsr())


TROUBLESOME: Mapping[str, Callable[[int, np.random.Generator], sp.csr_matrix]] = {
    "few very popular tags": lambda users, rng: interests(users, 1_000, 2.0, rng),
    "identical interests": lambda users, rng: identical_interests(users, 1_000, 0.8, rng),
    "a user of 20,000 views": lambda users, rng: views_with_a_heavy_user(users, 30_000, 0.8, rng),
}


def weighted(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """float32 TF-IDF, rows of length 1, indices sorted."""
    vectors = TfidfTransformer().fit_transform(matrix).astype(np.float32).tocsr()
    vectors.sort_indices()
    return vectors


def directions(rows: int, size: int, rng: np.random.Generator) -> Dense:
    """float32 [rows, size]: all ways alike, length 1."""
    return _of_length_one(rng.standard_normal((rows, size)))


def crowded_directions(rows: int, size: int, rng: np.random.Generator) -> Dense:
    """Nine rows in ten within 1e-4 of one of 200: users of the same views, after training."""
    crowd = rng.standard_normal((CROWDS, size))[rng.integers(0, CROWDS, rows)]
    crowd += 1e-4 * rng.standard_normal(crowd.shape)
    alone = rng.standard_normal((rows, size))
    in_crowds = rng.random((rows, 1)) < SHARE_IN_CROWDS
    return _of_length_one(np.where(in_crowds, crowd, alone))


def popular_courses(rows: int, size: int, rng: np.random.Generator) -> Dense:
    """float32 [rows, size]: lengths as popularity has them, course r of length r ** -0.5."""
    lengths = np.arange(1, rows + 1) ** -0.5
    courses = directions(rows, size, rng) * rng.permutation(lengths)[:, None]
    return np.asarray(courses, np.float32)


def _matrix(
    row: NDArray[np.int64], column: NDArray[np.int64], shape: tuple[int, int]
) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _of_length_one(vectors: NDArray[np.float64]) -> Dense:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
