import numpy as np
import pytest
import scipy.sparse as sp

from generator.models.decomposition import right_singular_vectors


def some_matrix(rows: int, columns: int) -> sp.csr_matrix:
    random = np.random.default_rng(rows)
    shared = random.random((rows, 5)) @ random.random((5, columns)) < 0.6
    return sp.csr_matrix((shared & (random.random((rows, columns)) < 0.5)).astype(np.float32))


@pytest.mark.parametrize(
    ("rows", "columns", "size"), [(200, 120, 8), (60, 150, 8), (9, 4, 4), (1, 5, 1)]
)
def test_values_and_vectors_are_those_of_the_dense_decomposition(rows, columns, size):
    matrix = some_matrix(rows, columns)
    values, vectors = right_singular_vectors(matrix, size, 1, lambda done, total: None)
    _, expected, transposed = np.linalg.svd(matrix.toarray().astype(np.float64))
    np.testing.assert_allclose(values, expected[:size], rtol=0.02, atol=1e-5)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(size), atol=1e-5)
    # The first directions stand apart from the rest, and are found exactly.
    apart = [i for i in range(min(3, size)) if expected[i] > 1.1 * expected[i + 1 : i + 2].sum()]
    along = np.abs(np.einsum("ci,ic->i", vectors[:, apart], transposed[apart]))
    np.testing.assert_allclose(along, 1, atol=1e-3)


def test_the_same_seed_gives_the_same_bits_and_no_vector_points_backwards():
    matrix = some_matrix(80, 50)
    first = right_singular_vectors(matrix, 6, 3, lambda done, total: None)
    again = right_singular_vectors(matrix, 6, 3, lambda done, total: None)
    np.testing.assert_array_equal(first[1], again[1])
    _, vectors = right_singular_vectors(matrix, 6, 4, lambda done, total: None)
    np.testing.assert_allclose(np.abs(vectors[:, 0]), np.abs(first[1][:, 0]), atol=1e-4)
    assert (vectors[np.abs(vectors).argmax(axis=0), np.arange(6)] > 0).all()


def test_progress_tells_of_each_step_and_leaves_one_for_what_follows():
    steps = []
    right_singular_vectors(some_matrix(40, 30), 4, 1, lambda *step: steps.append(step))
    assert steps == [(done, 10) for done in range(1, 10)]
