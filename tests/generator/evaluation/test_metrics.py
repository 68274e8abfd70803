"""Metric values, held against ir-measures (trec_eval) and against arithmetic by hand."""

import ir_measures
import numpy as np
import pytest
import scipy.sparse as sp
from ir_measures import AP, RR, P, R, Success, nDCG
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from generator.evaluation.metrics import accuracy, auc, rmse

ORACLE = {"precision": P, "recall": R, "ndcg": nDCG, "map": AP, "mrr": RR, "hit_rate": Success}
COURSES = 60


def random_case(users, n, held_out_share, seed):
    random = np.random.default_rng(seed)
    listed = np.array([random.permutation(COURSES)[:n] for _ in range(users)], np.int32)
    # Lists of every length, the empty one included.
    listed[np.arange(n) >= random.integers(0, n + 1, users)[:, None]] = -1
    return listed, sp.csr_matrix(random.random((users, COURSES)) < held_out_share)


def oracle(listed, held_out, ks):
    """Per user, from ir-measures; users that it leaves out have nothing held out."""
    measures = {m @ k: f"{name}_at_{k}" for name, m in ORACLE.items() for k in ks}
    qrels = [
        ir_measures.Qrel(str(user), str(course), 1)
        for user, course in zip(*held_out.nonzero(), strict=True)
    ]
    run = [
        ir_measures.ScoredDoc(str(user), str(course), -float(rank))
        for user, courses in enumerate(listed)
        for rank, course in enumerate(courses)
        if course >= 0
    ]
    values = {name: np.zeros(len(listed)) for name in measures.values()}
    for metric in ir_measures.iter_calc(list(measures), qrels, run):
        values[measures[metric.measure]][int(metric.query_id)] = metric.value
    return values


@pytest.mark.parametrize(
    ("users", "n", "share", "ks"),
    [
        (200, 20, 0.1, (10, 20)),
        (200, 20, 0.6, (10, 20)),  # far more held out than fits into a list
        (50, 7, 0.1, (1, 10, 20)),  # k above the length of the lists
        (50, 60, 0.02, (1, 5, 60)),  # many users with nothing held out
        (1, 20, 0.2, (10, 20)),
    ],
)
def test_every_metric_equals_that_of_ir_measures(users, n, share, ks):
    listed, held_out = random_case(users, n, share, seed=users + n)
    ours, theirs = accuracy(listed, held_out, ks), oracle(listed, held_out, ks)
    assert set(ours) == set(theirs)
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-6, err_msg=name)
    assert max(values.max() for values in ours.values()) > 0


def test_values_by_hand():
    listed = np.array([[3, 1, 2, 0]])
    held_out = sp.csr_matrix(([True] * 3, ([0, 0, 0], [1, 0, 4])), shape=(1, 5))
    found = accuracy(listed, held_out, [4])
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert found["precision_at_4"] == pytest.approx([2 / 4])
    assert found["recall_at_4"] == pytest.approx([2 / 3])
    assert found["ndcg_at_4"] == pytest.approx([(1 / np.log2(3) + 1 / np.log2(5)) / ideal])
    assert found["map_at_4"] == pytest.approx([(1 / 2 + 2 / 4) / 3])
    assert found["mrr_at_4"] == pytest.approx([1 / 2])
    assert found["hit_rate_at_4"] == pytest.approx([1])


@pytest.mark.parametrize("listed", [np.empty((3, 0), int), np.full((3, 5), -1)])
def test_empty_lists_score_0(listed):
    held_out = sp.csr_matrix(np.eye(3, dtype=bool))
    assert all((values == 0).all() for values in accuracy(listed, held_out).values())


def test_nothing_held_out_and_nobody_asked_score_0_and_nothing():
    nothing = accuracy(np.array([[0, 1]]), sp.csr_matrix((1, 2), dtype=bool))
    assert all((values == 0).all() for values in nothing.values())
    assert all(
        len(values) == 0
        for values in accuracy(np.empty((0, 5), int), sp.csr_matrix((0, 2), dtype=bool)).values()
    )


def test_the_perfect_list_scores_1_on_ndcg_also_when_more_is_held_out_than_it_can_hold():
    held_out = sp.csr_matrix(np.ones((1, 30), bool))
    found = accuracy(np.arange(20)[None, :], held_out)
    assert found["ndcg_at_10"] == found["ndcg_at_20"] == pytest.approx([1])
    assert found["recall_at_20"] == pytest.approx([20 / 30])


@pytest.mark.parametrize("pairs", [1, 1000])
def test_rmse_equals_that_of_scikit_learn(pairs):
    random = np.random.default_rng(pairs)
    foretold = random.normal(3, 1, pairs).astype(np.float32)
    given = random.integers(1, 6, pairs).astype(np.float32)
    assert rmse(foretold, given) == pytest.approx(root_mean_squared_error(given, foretold))


def test_rmse_of_nothing_is_no_number():
    assert np.isnan(rmse(np.zeros(0), np.zeros(0)))


@pytest.mark.parametrize("values", [3, 10**6], ids=["many ties", "hardly any"])
def test_auc_equals_that_of_scikit_learn(values):
    random = np.random.default_rng(values)
    scores = random.integers(0, values, 400).astype(np.float32)
    is_positive = random.random(400) < 0.2
    assert auc(scores, is_positive) == pytest.approx(roc_auc_score(is_positive, scores))


def test_auc_of_one_kind_alone_is_no_number():
    assert np.isnan(auc(np.ones(3), np.ones(3, bool)))
