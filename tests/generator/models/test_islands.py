import numpy as np
import pytest
import scipy.sparse as sp

from generator.models.islands import NOWHERE, IslandCandidates, Islands
from generator.nearest.ties import TieOrder


def reached_from(user: int, views: np.ndarray) -> tuple[set[int], set[int]]:
    """Users and courses that a walk over views comes to."""
    users, courses = {user}, set()
    while True:
        more_courses = set(np.flatnonzero(views[sorted(users)].any(axis=0)))
        more_users = users | set(np.flatnonzero(views[:, sorted(more_courses)].any(axis=1)))
        if (more_users, more_courses) == (users, courses):
            return users, courses
        users, courses = more_users, more_courses


@pytest.mark.parametrize("seed", range(5))
def test_islands_are_what_a_walk_over_views_comes_to(seed):
    views = np.random.default_rng(seed).random((30, 25)) < 0.04
    islands = Islands(sp.csr_matrix(views))
    for user in range(30):
        users, courses = reached_from(user, views)
        if len(users) == 1:
            assert islands.of_user[user] == NOWHERE
            assert (islands.of_course[sorted(courses)] == NOWHERE).all()
            continue
        assert set(np.flatnonzero(islands.of_user == islands.of_user[user])) == users
        assert set(np.flatnonzero(islands.of_course == islands.of_user[user])) == courses
    assert (islands.of_course[~views.any(axis=0)] == NOWHERE).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (3, 3)])
def test_without_views_nobody_is_on_an_island(shape):
    islands = Islands(sp.csr_matrix(shape))
    assert islands.of_user.tolist() == [NOWHERE] * shape[0]
    assert islands.of_course.tolist() == [NOWHERE] * shape[1]


def test_candidates_are_those_of_the_island():
    vectors = np.eye(4, dtype=np.float32)
    candidates = IslandCandidates(
        vectors,
        np.array([3, 5, 8, 9], np.int32),
        np.array([1, 0, 1, 1], np.int32),
        TieOrder(np.arange(10)),
    )
    assert candidates.on(1).index_at.tolist() == [3, 8, 9]
    assert candidates.on(0).index_at.tolist() == [5]
    np.testing.assert_array_equal(candidates.on(0).of(np.array([5])), vectors[[1]])
