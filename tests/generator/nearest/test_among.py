import numpy as np
import pytest
import scipy.sparse as sp

from generator.nearest.among import top_n_among
from tests.generator.nearest.brute_force import brute_force_top_n, listed


def test_lists_the_indices_that_the_candidates_stand_for_and_no_other():
    random = np.random.default_rng(1)
    queries = random.integers(-2, 3, (30, 4)).astype(np.float32)
    everything = random.integers(-2, 3, (50, 4)).astype(np.float32)
    standing = np.flatnonzero(random.random(50) < 0.6).astype(np.int32)
    exclude = sp.csr_matrix(random.random((30, 50)) < 0.2)
    scores = queries.astype(np.float64) @ everything.astype(np.float64).T
    scores[exclude.toarray() | ~np.isin(np.arange(50), standing)[None, :]] = -np.inf
    top = top_n_among(queries, everything[standing], standing, 12, exclude=exclude)
    assert listed(top.indices) == brute_force_top_n(scores, 12)


@pytest.mark.parametrize("memory_budget_bytes", [1, 1000, 2**31])
def test_nearly_equal_vectors_are_ordered_the_same_whatever_the_block(memory_budget_bytes):
    random = np.random.default_rng(2)
    crowd = np.ones((40, 16)) + random.normal(0, 1e-3, (40, 16))
    crowd = (crowd / np.linalg.norm(crowd, axis=1, keepdims=True)).astype(np.float32)
    everybody = np.arange(40, dtype=np.int32)
    exclude = sp.csr_matrix((40, 40), dtype=bool)
    products = crowd.astype(np.float64) @ crowd.astype(np.float64).T
    exact = np.round(products.astype(np.float32), 6)
    top = top_n_among(
        crowd, crowd, everybody, 40, exclude=exclude, memory_budget_bytes=memory_budget_bytes
    )
    assert listed(top.indices) == brute_force_top_n(exact, 40)


def test_nobody_standing_gives_padding():
    nobody = np.empty(0, np.int32)
    empty = np.empty((0, 4), np.float32)
    top = top_n_among(np.ones((2, 4), np.float32), empty, nobody, 3, exclude=sp.csr_matrix((2, 5)))
    assert (top.indices == -1).all()
    assert top.scores.tolist() == [[0, 0, 0]] * 2
