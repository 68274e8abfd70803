import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.nearest import dense
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from tests.generator.nearest.brute_force import (
    brute_force_top_n,
    in_order,
    listed,
    some_order,
    some_salts,
)


def whole_numbers(random, rows, size):
    """Small whole numbers: products are exact in float32, so equal scores abound."""
    return random.integers(-2, 3, (rows, size)).astype(np.float32)


def top_n(queries, vectors, n, order=None, salts=None, **options):
    """As asked for: the vectors' order, and whose rows the queries are."""
    candidates = DenseCandidates(vectors, order or some_order(len(vectors)))
    salts = some_salts(len(queries)) if salts is None else salts
    return top_n_dense(queries, candidates, n, salts=salts, **options)


def of_length_one(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def exact_scores(left, right):
    """As the lists have them: float64 products in float32, rounded to 6 decimals."""
    return np.round((left.astype(np.float64) @ right.astype(np.float64).T).astype(np.float32), 6)


def assert_best_up_to_ties(top, left, right, n, tie=2e-6):
    """Every listed score is right, and nobody who is left out is better than the last."""
    scores = left.astype(np.float64) @ right.astype(np.float64).T
    np.testing.assert_allclose(top.scores, np.take_along_axis(scores, top.indices, 1), atol=tie)
    np.testing.assert_allclose(top.scores, -np.sort(-scores, axis=1)[:, :n], atol=tie)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("rows", "candidates", "n"), [(100, 1500, 10), (1100, 5, 10), (33, 256, 256), (1, 1000, 3)]
)
def test_agrees_with_brute_force_down_to_ties(rows, candidates, n, threads, monkeypatch):
    monkeypatch.setattr(dense, "SPARE", candidates)  # whole numbers tie by the hundred
    random = np.random.default_rng(rows)
    left, right = whole_numbers(random, rows, 4), whole_numbers(random, candidates, 4)
    exclude = sp.csr_matrix(random.random((rows, candidates)) < 0.2)
    scores = left.astype(np.float64) @ right.astype(np.float64).T
    scores[exclude.toarray()] = -np.inf
    for classes in (1, 4):
        order = some_order(candidates, classes)
        top = top_n(left, right, n, order, exclude=exclude, threads=threads)
        assert listed(top.indices) == brute_force_top_n(scores, n, order, some_salts(rows))


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 40),
    st.integers(1, 700),
    st.integers(1, 40),
    st.integers(1, 30),
    st.sampled_from([0.0, 0.5, 3.0]),
)
def test_any_shape_agrees_with_brute_force(seed, rows, candidates, size, n, spread):
    # Without spread all are as long; with much a few long ones are in everybody's list.
    random = np.random.default_rng(seed)
    left = random.standard_normal((rows, size)).astype(np.float32)
    right = of_length_one(random.standard_normal((candidates, size)))
    right *= np.exp(spread * random.standard_normal((candidates, 1))).astype(np.float32)
    exclude = sp.csr_matrix(random.random((rows, candidates)) < 0.3)
    scores = exact_scores(left, right)
    scores[exclude.toarray()] = -np.inf
    top = top_n(left, right, n, exclude=exclude)
    kept = np.isfinite(scores)
    assert [len(row) for row in listed(top.indices)] == np.minimum(kept.sum(axis=1), n).tolist()
    best = -np.sort(-np.where(kept, scores, -np.inf), axis=1)[:, :n]
    best = np.pad(best, ((0, 0), (0, n - best.shape[1])), constant_values=-np.inf)
    expected = np.where(np.isfinite(best), best, 0)
    np.testing.assert_allclose(top.scores, expected, rtol=1e-6, atol=2e-6)
    assert (top.indices == -1).tolist() == np.isneginf(best).tolist()


def test_candidates_are_listed_as_what_they_stand_for():
    random = np.random.default_rng(1)
    queries, everything = whole_numbers(random, 30, 6), whole_numbers(random, 50, 6)
    standing = np.flatnonzero(random.random(50) < 0.6).astype(np.int32)
    exclude = sp.csr_matrix(random.random((30, 50)) < 0.2)
    scores = queries.astype(np.float64) @ everything.astype(np.float64).T
    scores[exclude.toarray() | ~np.isin(np.arange(50), standing)[None, :]] = -np.inf
    order, salts = some_order(50), some_salts(30)
    candidates = DenseCandidates(everything[standing], order, standing)
    top = top_n_dense(queries, candidates, 12, salts=salts, exclude=exclude)
    assert listed(top.indices) == brute_force_top_n(scores, 12, order, salts)
    np.testing.assert_array_equal(candidates.of(standing[3:9]), everything[standing[3:9]])


def test_scores_are_the_products_and_may_be_negative():
    left, right = np.array([[1, 0]], np.float32), np.array([[-3, 1], [-1, 5]], np.float32)
    top = top_n(left, right, 3)
    assert top.indices.tolist() == [[1, 0, -1]]
    assert top.scores.tolist() == [[-1, -3, 0]]


@pytest.fixture(scope="module")
def crowds():
    """1,700 users in 3 crowds whose members float32 can hardly tell apart, and 300 others."""
    random = np.random.default_rng(2)
    centres = random.standard_normal((3, 48)).repeat([1000, 400, 300], axis=0)
    near = centres + random.normal(0, 1e-4, centres.shape)
    users = np.concatenate([near, random.standard_normal((300, 48))])
    return of_length_one(random.permutation(users))


def test_nearly_equal_vectors_are_ordered_the_same_whatever_the_block(crowds):
    candidates = DenseCandidates(crowds, some_order(len(crowds)))
    salts = some_salts(len(crowds))
    expected = top_n_dense(crowds, candidates, 20, salts=salts, threads=1)
    assert_best_up_to_ties(expected, crowds, crowds, 20)
    parts = np.split(np.arange(len(crowds)), [1, 130, 131, 700, 1333])
    for budget, threads in ((1, 1), (2**31, 2)):
        tops = [
            top_n_dense(
                crowds[part],
                candidates,
                20,
                salts=salts[part],
                threads=threads,
                memory_budget_bytes=budget,
            )
            for part in parts
        ]
        np.testing.assert_array_equal(np.vstack([top.indices for top in tops]), expected.indices)
        np.testing.assert_array_equal(np.vstack([top.scores for top in tops]), expected.scores)


def test_few_nearly_equal_vectors_are_ordered_as_in_float64():
    random = np.random.default_rng(5)
    crowd = of_length_one(np.ones((40, 16)) + random.normal(0, 1e-3, (40, 16)))
    top = top_n(crowd, crowd, 12)
    scores = exact_scores(crowd, crowd)
    assert listed(top.indices) == brute_force_top_n(scores, 12, some_order(40), some_salts(40))


def test_of_many_identical_vectors_the_rule_says_which_are_listed():
    direction = of_length_one(np.random.default_rng(0).standard_normal((1, 33)))
    for lengths in (np.ones(3000), np.r_[np.full(1000, 0.25), np.full(2000, 0.5)]):
        crowd = (direction * lengths[:, None]).astype(np.float32)
        top = top_n(crowd[:5], crowd, 7)
        scores = np.where(lengths < lengths.max(), -np.inf, np.ones((5, 1)))
        assert listed(top.indices) == brute_force_top_n(scores, 7, some_order(3000), some_salts(5))


def test_of_nearly_identical_vectors_all_are_listed_about_as_often():
    random = np.random.default_rng(6)
    crowd = of_length_one(np.ones((1000, 24)) + random.normal(0, 1e-5, (1000, 24)))
    top = top_n(crowd, crowd, 5)
    times = np.bincount(top.indices.ravel(), minlength=1000)
    # Five each on average, and as many as lots drawn would give.
    assert times.max() <= 18
    assert (times == 0).mean() < 0.03


def test_a_few_long_vectors_spare_the_others(monkeypatch):
    random = np.random.default_rng(3)
    left, right = (random.standard_normal((rows, 16)).astype(np.float32) for rows in (50, 40_000))
    right[300:] *= 1e-3
    candidates, looked_at = DenseCandidates(right, some_order(40_000)), []
    tile = candidates.tile
    monkeypatch.setattr(candidates, "tile", lambda number: looked_at.append(number) or tile(number))
    top = top_n_dense(left, candidates, 10, salts=some_salts(50))
    assert_best_up_to_ties(top, left, right, 10)
    assert len(looked_at) < candidates.n_tiles / 10


def test_zero_vectors_score_zero_on_either_side():
    left = np.array([[0, 0], [1, 0]], np.float32)
    right = np.array([[-1, 0], [0, 0], [2, 1], [0, 0]], np.float32)
    top = top_n(left, right, 3, in_order(4))
    assert top.indices.tolist() == [[0, 1, 2], [2, 1, 3]]
    assert top.scores.tolist() == [[0, 0, 0], [2, 0, 0]]


def test_a_row_with_nearly_everything_excluded_gets_what_is_left():
    random = np.random.default_rng(4)
    left, right = whole_numbers(random, 3, 5), whole_numbers(random, 21_000, 5)
    excluded = np.zeros((3, 21_000), bool)
    excluded[1, :20_995] = True
    top = top_n(left, right, 9, exclude=sp.csr_matrix(excluded))
    assert sorted(listed(top.indices)[1]) == list(range(20_995, 21_000))
    assert [len(row) for row in listed(top.indices)] == [9, 5, 9]


def test_no_candidates_and_everything_excluded_give_padding():
    left = np.ones((2, 3), np.float32)
    nobody = DenseCandidates(np.empty((0, 3), np.float32), some_order(9), np.empty(0, np.int32))
    exclude, salts = sp.csr_matrix((2, 9)), some_salts(2)
    top = top_n_dense(left, nobody, 4, salts=salts, exclude=exclude)
    assert listed(top.indices) == [[], []]
    all_excluded = sp.csr_matrix(np.ones((2, 5), bool))
    vectors = np.ones((5, 3), np.float32)
    top = top_n(left, vectors, 4, exclude=all_excluded)
    assert listed(top.indices) == [[], []]
    assert (top.scores == 0).all()
    assert top_n(left[:0], vectors, 4).indices.shape == (0, 4)
