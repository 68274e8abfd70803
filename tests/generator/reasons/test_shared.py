import numpy as np
import pytest
import scipy.sparse as sp

from generator.reasons import shared
from generator.reasons.shared import shared_features


def random_matrix(rows: int, features: int, seed: int) -> sp.csr_matrix:
    return sp.random(rows, features, 0.4, "csr", np.float32, np.random.default_rng(seed))


@pytest.mark.parametrize("entries_per_block", [1, 50, 2**22])
def test_reasons_equal_the_products_written_out(monkeypatch, entries_per_block):
    monkeypatch.setattr(shared, "ENTRIES_PER_BLOCK", entries_per_block)
    queries, candidates = random_matrix(12, 15, 1), random_matrix(20, 15, 2)
    listed = np.random.default_rng(3).integers(-1, 20, (12, 6)).astype(np.int32)
    reasons = shared_features(queries, candidates, listed)
    x, y = queries.toarray(), candidates.toarray()
    for row, column in np.ndindex(listed.shape):
        products = x[row] * y[listed[row, column]] * (listed[row, column] >= 0)
        expected = sorted(((-p, f) for f, p in enumerate(products) if p > 0))
        assert reasons.counts[row, column] == len(expected)
        named = reasons.indices[row, column]
        assert named[named >= 0].tolist() == [f for _, f in expected[:3]]
        shares = [-p / products.sum() for p, _ in expected[:3]]
        np.testing.assert_allclose(reasons.shares[row, column][: len(shares)], shares, atol=1e-6)


def test_equal_weights_go_to_the_lower_feature():
    ones = sp.csr_matrix(np.ones((1, 5), np.float32))
    reasons = shared_features(ones, ones, np.zeros((1, 1), np.int32))
    assert reasons.indices[0, 0].tolist() == [0, 1, 2]
    assert reasons.counts[0, 0] == 5


def test_nothing_listed_has_no_reasons():
    ones = sp.csr_matrix(np.ones((2, 5), np.float32))
    reasons = shared_features(ones, ones, np.full((2, 3), -1, np.int32))
    assert not reasons.counts.any()
    assert (reasons.indices == -1).all()
