import numpy as np
import pytest
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from generator.reasons import least_squares
from generator.reasons.least_squares import Contributions

USERS, COURSES, REG = 40, 30, 3.0


@pytest.fixture(scope="module")
def views() -> sp.csr_matrix:
    random = np.random.default_rng(4)
    confidence = sp.random(USERS, COURSES, 0.25, "csr", np.float32, random)
    confidence.data = 1 + 40 * confidence.data
    somebody = np.arange(USERS) != 7
    return (sp.diags(somebody.astype(np.float32)) @ confidence).tocsr()


@pytest.fixture(scope="module")
def fitted(views) -> AlternatingLeastSquares:
    with threadpool_limits(1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=8, regularization=REG, iterations=3, random_state=1, num_threads=1
        )
        model.fit(views, show_progress=False)
    return model


@pytest.mark.parametrize("numbers_per_block", [1, 2**23])
def test_contributions_equal_those_of_the_library(monkeypatch, views, fitted, numbers_per_block):
    monkeypatch.setattr(least_squares, "NUMBERS_PER_BLOCK", numbers_per_block)
    listed = np.array(
        [[user % COURSES, (user + 3) % COURSES, -1] for user in range(USERS)], np.int32
    )
    reasons = Contributions(fitted.item_factors, REG).strongest(views, listed)
    for user, column in np.ndindex(USERS, 2):
        _, pairs, _ = fitted.explain(user, views, listed[user, column], N=COURSES)
        expected = [(int(course), score) for course, score in pairs if score > 0]
        total = sum(score for _, score in expected)
        assert reasons.counts[user, column] == len(expected)
        named = reasons.indices[user, column]
        assert named[named >= 0].tolist() == [course for course, _ in expected[:3]]
        np.testing.assert_allclose(
            reasons.shares[user, column][: len(expected)],
            [score / total for _, score in expected[:3]],
            atol=1e-4,
        )
    assert not reasons.counts[:, 2].any()


def test_of_very_many_views_the_surest_are_explained(monkeypatch, views, fitted):
    monkeypatch.setattr(least_squares, "MAX_VIEWS", 2)
    listed = np.zeros((USERS, 1), np.int32)
    reasons = Contributions(fitted.item_factors, REG).strongest(views, listed)
    for user in range(USERS):
        surest = set(views[user].indices[np.argsort(-views[user].data)][:2].tolist())
        named = reasons.indices[user, 0]
        assert set(named[named >= 0].tolist()) <= surest
