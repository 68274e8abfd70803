import numpy as np
import pytest
import scipy.sparse as sp

from generator.nearest import dense
from generator.nearest.dense import top_n_dense
from tests.generator.nearest.brute_force import brute_force_top_n, listed


def whole_numbers(random, rows, size):
    """Small whole numbers: products are exact in float32, so equal scores abound."""
    return random.integers(-2, 3, (rows, size)).astype(np.float32)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(dense, "TILE_COLUMNS", 64)
    monkeypatch.setattr(dense, "TILE_ROWS", 32)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("rows", "candidates", "n"), [(100, 900, 10), (70, 5, 10), (33, 64, 64), (1, 1000, 3)]
)
def test_agrees_with_brute_force_down_to_ties(rows, candidates, n, threads):
    random = np.random.default_rng(rows)
    left, right = whole_numbers(random, rows, 4), whole_numbers(random, candidates, 4)
    exclude = sp.csr_matrix(random.random((rows, candidates)) < 0.2)
    scores = left.astype(np.float64) @ right.astype(np.float64).T
    scores[exclude.toarray()] = -np.inf
    top = top_n_dense(left, right, n, exclude=exclude, threads=threads)
    assert listed(top.indices) == brute_force_top_n(scores, n)


def test_scores_are_the_products_and_may_be_negative():
    left, right = np.array([[1, 0]], np.float32), np.array([[-3, 1], [-1, 5]], np.float32)
    top = top_n_dense(left, right, 3)
    assert top.indices.tolist() == [[1, 0, -1]]
    assert top.scores.tolist() == [[-1, -3, 0]]


def test_memory_budget_changes_nothing():
    random = np.random.default_rng(0)
    vectors = random.standard_normal((300, 8)).astype(np.float32)
    ample, scant = (
        top_n_dense(vectors, vectors, 5, memory_budget_bytes=budget) for budget in (2**31, 1)
    )
    np.testing.assert_array_equal(ample.indices, scant.indices)
    np.testing.assert_allclose(ample.scores, scant.scores, rtol=1e-5)


def test_no_candidates_and_everything_excluded_give_padding():
    left = np.ones((2, 3), np.float32)
    assert listed(top_n_dense(left, np.empty((0, 3), np.float32), 4).indices) == [[], []]
    all_excluded = sp.csr_matrix(np.ones((2, 5), bool))
    top = top_n_dense(left, np.ones((5, 3), np.float32), 4, exclude=all_excluded)
    assert listed(top.indices) == [[], []]
    assert (top.scores == 0).all()
