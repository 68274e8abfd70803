import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.nearest.scores import top_n_of_scores
from generator.nearest.ties import Ties
from tests.generator.nearest.brute_force import (
    brute_force_top_n,
    listed,
    some_order,
    some_salts,
)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 20),
    st.integers(1, 60),
    st.integers(1, 15),
    st.sampled_from([1, 3, 1000]),
)
def test_any_shape_agrees_with_brute_force(seed, rows, columns, n, values):
    random = np.random.default_rng(seed)
    scores = random.integers(-values, values, (rows, columns)).astype(np.float32) / 8
    hidden = random.random((rows, columns)) < 0.2
    standing = np.sort(random.choice(2 * columns, columns, replace=False)).astype(np.int32)
    order, salts = some_order(2 * columns, 1 + seed % 3), some_salts(rows)
    everything = np.full((rows, 2 * columns), -np.inf)
    everything[:, standing] = np.where(hidden, -np.inf, scores)
    top = top_n_of_scores(
        scores, n, ties=Ties(order, salts), exclude=sp.csr_matrix(hidden), indices=standing
    )
    assert listed(top.indices) == brute_force_top_n(everything, n, order, salts)


def test_scores_that_differ_beyond_the_sixth_decimal_are_equal():
    noise = np.random.default_rng(0).normal(0, 1e-9, (40, 30))
    order, salts = some_order(30), some_salts(40)
    nothing = sp.csr_matrix((40, 30), dtype=bool)
    noisy = (0.25 + noise).astype(np.float32)
    top = top_n_of_scores(noisy, 5, ties=Ties(order, salts), exclude=nothing)
    assert listed(top.indices) == brute_force_top_n(np.full((40, 30), 0.25), 5, order, salts)
