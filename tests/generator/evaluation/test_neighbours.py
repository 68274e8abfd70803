"""What neighbours have in common, and what chance would give."""

import numpy as np
import pytest
import scipy.sparse as sp

from generator.evaluation.neighbours import agreement
from tests.datasets import make_dataset

TRIBES, USERS, COURSES = 4, 200, 40


@pytest.fixture(scope="module")
def tribes():
    """Users view and will view courses of their tribe alone; odd users are far more active."""
    random = np.random.default_rng(1)
    views, held_out = [], np.zeros((USERS, COURSES), bool)
    for user in range(USERS):
        own = random.permutation(np.arange(user % TRIBES, COURSES, TRIBES))
        views += [(user, int(course), 60.0, "") for course in own[: 2 if user % 2 else 5]]
        held_out[user, own[-2:]] = True
    dataset = make_dataset(views=views, courses=list(range(COURSES)))
    return dataset, sp.csr_matrix(held_out)


def test_shares_equal_a_loop_over_sets(tribes):
    dataset, held_out = tribes
    random = np.random.default_rng(2)
    users = np.arange(0, USERS, 3).astype(np.int32)
    listed = random.integers(0, USERS, (len(users), 6)).astype(np.int32)
    listed[np.arange(6) >= random.integers(0, 7, len(users))[:, None]] = -1
    found = agreement(users, listed, np.arange(USERS, dtype=np.int32), dataset, held_out, seed=1)
    wants = [set(held_out[user].indices) for user in range(USERS)]
    for row, user in enumerate(users):
        others = [v for v in listed[row] if v >= 0]
        if others:
            share = np.mean([bool(wants[user] & wants[v]) for v in others])
            assert found.neighbours[row] == pytest.approx(share)
        else:
            assert np.isnan([part[row] for part in found]).all()


def test_neighbours_of_the_tribe_beat_both_draws(tribes):
    dataset, held_out = tribes
    users = np.arange(USERS, dtype=np.int32)
    same_tribe = (users[:, None] + TRIBES * np.arange(1, 11)) % USERS
    found = agreement(users, same_tribe.astype(np.int32), users, dataset, held_out, seed=1)
    by_tribe = np.nanmean(found.neighbours)
    assert by_tribe > 0.3
    assert np.nanmean(found.by_lot) == pytest.approx(by_tribe / TRIBES, abs=0.05)
    # Parity goes with the tribe here, so users as active come from two tribes and not from four.
    assert np.nanmean(found.as_active) == pytest.approx(by_tribe / 2, abs=0.06)


def test_nobody_is_drawn_as_their_own_neighbour():
    dataset = make_dataset(views=[(u, "a", 60.0, "") for u in (1, 2)], courses=["b"])
    held_out = sp.csr_matrix(np.array([[0, 1], [0, 0]], bool))
    users = np.array([0], np.int32)
    listed = np.ones((1, 50), np.int32)
    found = agreement(users, listed, np.arange(2, dtype=np.int32), dataset, held_out, seed=3)
    assert [part.tolist() for part in found] == [[0], [0], [0]]
