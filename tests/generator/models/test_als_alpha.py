"""Which alpha is tried, on what, and how well it did."""

import numpy as np
import pytest
import scipy.sparse as sp

from generator.evaluation.metrics import hits_of, ndcg
from generator.models import als_alpha
from generator.models.als_alpha import (
    ALPHAS,
    FEWEST_USERS,
    chosen_alpha,
    found_again,
    held_out_views,
)

USERS, COURSES = 400, 50


@pytest.fixture(scope="module")
def weights() -> sp.csr_matrix:
    """Users of 1 to 20 views."""
    random = np.random.default_rng(3)
    dense = np.zeros((USERS, COURSES), np.float32)
    for row in dense:
        viewed = random.choice(COURSES, random.integers(1, 21), replace=False)
        row[viewed] = random.random(len(viewed)) + 0.1
    return sp.csr_matrix(dense)


def rows_of(matrix: sp.csr_matrix) -> list[bytes]:
    return sorted(row.tobytes() for row in matrix.toarray())


def test_what_is_held_out_and_what_is_left_are_the_views_of_the_users(weights):
    views, held_out, asked = held_out_views(weights, seed=1)
    assert rows_of(views + held_out) == rows_of(weights)
    assert not views.multiply(held_out).nnz
    counts, held = np.diff((views + held_out).indptr), np.diff(held_out.indptr)
    assert list(asked) == list(np.flatnonzero(counts >= 3))
    assert held[asked].tolist() == np.maximum(np.rint(counts[asked] * 0.2), 1).tolist()
    assert held.sum() == held[asked].sum()


def test_the_same_seed_holds_out_the_same_and_another_seed_other_views(weights):
    first, again, other = (held_out_views(weights, seed) for seed in (1, 1, 2))
    assert (first.views != again.views).nnz == 0
    assert (first.held_out != again.held_out).nnz == 0
    assert (first.views != other.views).nnz > 0


def test_users_views_and_what_is_held_out_of_one_are_bounded(weights, monkeypatch):
    monkeypatch.setattr(als_alpha, "MOST_VIEWS", 1500)
    monkeypatch.setattr(als_alpha, "MOST_USERS", 70)
    monkeypatch.setattr(als_alpha, "MOST_HELD_OUT", 2)
    views, held_out, asked = held_out_views(weights, seed=1)
    assert 1400 < views.nnz + held_out.nnz <= 1500
    assert len(asked) == 70
    assert np.diff(held_out.indptr).max() == 2


@pytest.mark.parametrize("scores_per_block", [1, 1000, 2**18])
def test_found_again_is_the_ndcg_of_full_rankings(weights, monkeypatch, scores_per_block):
    monkeypatch.setattr(als_alpha, "SCORES_PER_BLOCK", scores_per_block)
    random = np.random.default_rng(5)
    trial = held_out_views(weights, seed=1)
    users = random.random((USERS, 4)).astype(np.float32)
    courses = random.random((COURSES, 4)).astype(np.float32)
    courses[7] = 0
    scores = users.astype(np.float64) @ courses.T.astype(np.float64)
    scores[trial.views.toarray() > 0] = -np.inf
    listed = np.argsort(-scores, axis=1)[trial.asked]
    listed[np.take_along_axis(scores[trial.asked], listed, axis=1) <= 0] = -1
    expected = ndcg(hits_of(listed, trial.held_out[trial.asked]), 10)
    assert found_again(trial, users, courses) == pytest.approx(expected.mean(), rel=1e-6)


def test_what_was_pulled_to_zero_was_not_found(weights):
    trial = held_out_views(weights, seed=1)
    nothing = np.zeros((USERS, 4), np.float32), np.zeros((COURSES, 4), np.float32)
    assert found_again(trial, *nothing) == 0


@pytest.mark.parametrize("best", ALPHAS)
def test_alphas_are_tried_downwards_as_long_as_more_is_found(weights, best):
    trial, tried = held_out_views(weights, seed=1), []

    def factorise(views, alpha):
        """What each user has viewed, but for some whose vectors are lost, fewest at the best."""
        tried.append(alpha)
        known = (trial.views + trial.held_out).toarray()
        known[: 40 * abs(ALPHAS.index(alpha) - ALPHAS.index(best))] = 0
        return known, np.eye(COURSES, dtype=np.float32)

    assert chosen_alpha(weights, factorise, seed=1) == best
    assert tried == list(ALPHAS[: ALPHAS.index(best) + 2])


def test_with_few_users_nothing_is_tried(weights):
    def factorise(views, alpha):
        raise AssertionError("nothing to tell by")

    assert chosen_alpha(weights[: FEWEST_USERS - 1], factorise, seed=1) == ALPHAS[0]
