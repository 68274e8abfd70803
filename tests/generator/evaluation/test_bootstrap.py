"""Intervals and comparisons, held against scipy's and against what chance must give."""

import numpy as np
import pytest
from scipy import stats

from generator.evaluation.bootstrap import compare, holm, intervals


def test_an_interval_agrees_with_that_of_scipy():
    values = np.random.default_rng(1).exponential(size=400)
    ours = intervals([values], seed=3, resamples=4000)[0]
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=5
    ).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.012)


def test_nineteen_in_twenty_intervals_hold_the_true_mean():
    random = np.random.default_rng(2)
    samples = list(random.normal(0.3, 1, (300, 200)).T)
    inside = [found.low <= 0.3 <= found.high for found in intervals(samples, seed=1)]
    assert 0.88 <= np.mean(inside) <= 0.99


def test_users_without_a_value_count_neither_way():
    column = np.array([1.0, np.nan, 0.0, np.nan])
    found, nobody = intervals([column, column * np.nan], seed=1)
    assert found.value == 0.5
    assert 0 <= found.low <= 0.5 <= found.high <= 1
    assert np.isnan([nobody.value, nobody.low, nobody.high]).all()


def test_one_user_has_an_interval_of_no_width_and_no_users_have_none():
    assert intervals([np.array([0.25])], seed=1)[0].high == 0.25
    assert np.isnan(intervals([np.array([])], seed=1)[0].value)
    assert intervals([], seed=1) == []
    assert compare(["a", "b"], [np.array([]), np.array([])], seed=1) == []


def test_the_test_of_two_models_agrees_with_scipys_exact_one():
    random = np.random.default_rng(4)
    for shift in (0.0, 0.3, 0.8):
        first, second = random.normal(shift, 1, 11), random.normal(0, 1, 11)
        exact = stats.permutation_test(
            (first, second),
            lambda x, y, axis: np.mean(x - y, axis=axis),
            permutation_type="samples",
            n_resamples=np.inf,
            vectorized=True,
        )
        found = compare(["a", "b"], [first, second], seed=9)[0]
        assert found.p == pytest.approx(exact.pvalue, abs=0.02)
        assert found.difference.value == pytest.approx((first - second).mean())


def test_equal_models_differ_by_nothing_and_a_better_one_is_told():
    random = np.random.default_rng(5)
    good = (random.random(500) < 0.3).astype(float)
    better = np.maximum(good, random.random(500) < 0.1)
    same, real, _ = compare(["good", "twin", "better"], [good, good, better], seed=2)
    assert (same.p, same.is_real) == (1, False)
    assert real.second == "better"
    assert real.is_real
    assert real.difference.high < 0


def test_chance_alone_is_hardly_ever_called_real():
    random = np.random.default_rng(6)
    columns = list((random.random((200, 12)) < 0.2).astype(float).T)
    found = compare([str(i) for i in range(12)], columns, seed=1, flips=2000)
    assert len(found) == 66
    assert sum(one.is_real for one in found) <= 1


def test_holms_correction_by_hand():
    corrected = holm(np.array([0.01, 0.04, 0.03, 0.5]))
    assert corrected == pytest.approx([0.04, 0.09, 0.09, 0.5])
