import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.nearest import sparse_candidates
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from tests.generator.nearest.brute_force import (
    brute_force_top_n,
    in_order,
    listed,
    some_order,
    some_salts,
)

AMPLE, SCANT = 2**31, 3000


def random_matrix(random, rows, columns, density, whole=True):
    filled = random.random((rows, columns)) < density
    values = np.ones((rows, columns)) if whole else random.random((rows, columns))
    return sp.csr_matrix((filled * values).astype(np.float32))


def top_n(queries, vectors, n, order=None, **options):
    """As asked for: the vectors' order, and whose rows the queries are."""
    candidates = SparseCandidates(vectors, order or some_order(vectors.shape[0]))
    return top_n_sparse(queries, candidates, n, salts=some_salts(queries.shape[0]), **options)


def expected(queries, candidates, n, exclude=None, order=None):
    scores = queries.toarray().astype(np.float64) @ candidates.toarray().astype(np.float64)
    scores[scores <= 0] = -np.inf
    if exclude is not None:
        scores[exclude.toarray().astype(bool)] = -np.inf
    order = order or some_order(candidates.shape[1])
    return brute_force_top_n(scores, n, order, some_salts(queries.shape[0]))


@pytest.mark.parametrize("budget", [AMPLE, SCANT])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("rows", "features", "candidates", "density", "n"),
    [(300, 12, 400, 0.2, 10), (200, 40, 150, 0.1, 20), (60, 5, 7, 0.5, 10), (5, 3, 2000, 0.9, 1)],
)
def test_equal_scores_are_cut_by_the_rule(rows, features, candidates, density, n, threads, budget):
    # Whole numbers are exact in float32, so nearly every cut falls among equals.
    random = np.random.default_rng(rows)
    queries = random_matrix(random, rows, features, density)
    columns = random_matrix(random, features, candidates, density)
    for classes in (1, 4):
        order = some_order(candidates, classes)
        top = top_n(
            queries, columns.T.tocsr(), n, order, threads=threads, memory_budget_bytes=budget
        )
        assert listed(top.indices) == expected(queries, columns, n, order=order)


@pytest.mark.parametrize("budget", [AMPLE, SCANT])
def test_excluded_candidates_are_replaced_by_the_next_best(budget):
    random = np.random.default_rng(3)
    queries = random_matrix(random, 120, 10, 0.3)
    columns = random_matrix(random, 10, 90, 0.3)
    excluded = random.random((120, 90)) < 0.3
    excluded[5] = True
    excluded[6] = False
    exclude = sp.csr_matrix(excluded)
    top = top_n(queries, columns.T.tocsr(), 12, exclude=exclude, memory_budget_bytes=budget)
    assert listed(top.indices) == expected(queries, columns, 12, exclude)
    assert listed(top.indices)[5] == [], "one user has seen everything"


def test_scores_are_the_products():
    random = np.random.default_rng(4)
    queries = random_matrix(random, 50, 20, 0.4, whole=False)
    columns = random_matrix(random, 20, 80, 0.4, whole=False)
    top = top_n(queries, columns.T.tocsr(), 10)
    full = queries.toarray().astype(np.float64) @ columns.toarray().astype(np.float64)
    for row, (indices, scores) in enumerate(zip(*top, strict=True)):
        np.testing.assert_allclose(
            scores[indices >= 0], full[row][indices[indices >= 0]], rtol=1e-5
        )


@pytest.mark.parametrize("many", [50, 2048])
def test_of_many_identical_rows_all_are_listed_about_as_often(monkeypatch, many):
    monkeypatch.setattr(sparse_candidates, "MANY", many)
    identical = sp.csr_matrix(np.ones((2000, 3), np.float32))
    top = top_n(identical, identical, 4)
    times = np.bincount(top.indices.ravel(), minlength=2000)
    # Four each on average, and as many as lots drawn would give.
    assert times.max() <= 16
    assert (times == 0).mean() < 0.05
    assert abs(top.indices.mean() - 1000) < 40


def test_scores_that_differ_beyond_the_sixth_decimal_are_equal():
    queries = sp.csr_matrix(np.ones((30, 1), np.float32))
    vectors = sp.csr_matrix((0.5 + 1e-8 * np.arange(8)[::-1, None]).astype(np.float32))
    assert len(np.unique(vectors.data)) > 1
    top = top_n(queries, vectors, 3)
    assert listed(top.indices) == expected(queries, vectors.T.tocsr(), 3)
    assert len(np.unique(top.indices)) > 3


def test_one_user_who_has_seen_nearly_all_does_not_make_everybodys_rows_long():
    # Five groups of equal candidates, so that few are asked for however many are left out.
    vectors = sp.csr_matrix(np.tile(np.eye(5, dtype=np.float32), (4000, 1)))
    queries = sp.csr_matrix(np.ones((4096, 5), np.float32))
    seen = (np.zeros(15_000, int), np.arange(15_000))
    exclude = sp.csr_matrix((np.ones(15_000, bool), seen), shape=(4096, 20_000))
    tracemalloc.start()
    top = top_n(queries, vectors, 10, in_order(20_000), exclude=exclude, memory_budget_bytes=2**24)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (top.indices[1:] == np.arange(10)).all()
    assert top.indices[0].tolist() == list(range(15_000, 15_010))
    assert taken < 2**26


def test_rows_without_entries_and_no_candidates_give_padding():
    nothing = sp.csr_matrix((3, 4), dtype=np.float32)
    assert listed(top_n(nothing, nothing, 2).indices) == [[], [], []]
    no_candidates = sp.csr_matrix((0, 4), dtype=np.float32)
    assert listed(top_n(nothing, no_candidates, 2).indices) == [[], [], []]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 30),
    st.integers(1, 6),
    st.integers(1, 30),
    st.integers(1, 12),
    st.floats(0.05, 1),
)
def test_any_shape_agrees_with_brute_force(seed, rows, features, candidates, n, density):
    random = np.random.default_rng(seed)
    queries = random_matrix(random, rows, features, density)
    columns = random_matrix(random, features, candidates, density)
    exclude = random_matrix(random, rows, candidates, 0.2)
    order = some_order(candidates, 1 + seed % 4)
    top = top_n(queries, columns.T.tocsr(), n, order, exclude=exclude, memory_budget_bytes=500)
    assert listed(top.indices) == expected(queries, columns, n, exclude, order)
