import numpy as np
import pytest

from generator.models.rp3beta_user_course_view import Rp3betaUserCourseView
from shared.errors import SettingsError
from tests.datasets import make_dataset
from tests.views_by_lot import as_dataset, dense_weights, random_views

USERS, COURSES = 40, 25


def walk_by_hand(weights: np.ndarray, alpha: float, beta: float):
    """First step float64 [users, courses], and the two that follow, [courses, courses]."""
    to_course = (weights / weights.sum(axis=1, keepdims=True)) ** alpha
    to_user = (weights.T / weights.sum(axis=0)[:, None]) ** alpha
    views = weights.sum(axis=0)
    said = to_user @ to_course * COURSES / (views / views.mean()) ** beta
    np.fill_diagonal(said, 0)
    return to_course, said


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.6, 0.35)])
def test_scores_are_those_of_the_walk_in_float64(alpha, beta):
    views = random_views(USERS, COURSES)
    data = as_dataset(views)
    weights = dense_weights(views, data)
    first, then = walk_by_hand(weights, alpha, beta)
    model = Rp3betaUserCourseView(alpha=alpha, beta=beta).fit(data)
    expected = first @ then
    asked = np.tile(np.arange(COURSES), (USERS, 1))
    np.testing.assert_allclose(model.score(range(USERS), asked), expected, rtol=1e-5, atol=1e-4)
    top = model.recommend(range(USERS), COURSES)
    for user in range(USERS):
        listed = top.indices[user][top.indices[user] >= 0]
        reachable = (expected[user] > 1e-6) & (weights[user] == 0)
        assert set(listed) == set(np.flatnonzero(reachable))
        np.testing.assert_allclose(
            top.scores[user][: len(listed)], -np.sort(-expected[user][reachable]), rtol=1e-5
        )


def test_at_alpha_one_and_beta_nought_scores_are_probabilities_times_the_courses():
    """Of walks that are walked: from a user by lot along views by lot."""
    pairs = [(1, "a"), (1, "b"), (2, "b"), (2, "c"), (3, "c"), (3, "a"), (3, "d")]
    data = make_dataset(views=[(user, course, 60.0, "") for user, course in pairs])
    model = Rp3betaUserCourseView(alpha=1.0, beta=0.0).fit(data)
    courses_of = {u: [c for v, c in pairs if v == u] for u, _ in pairs}
    viewers_of = {c: [u for u, d in pairs if d == c] for _, c in pairs}
    random, ends = np.random.default_rng(1), {"c": 0, "d": 0}
    walks = 4000
    for _ in range(walks):
        course = random.choice(courses_of[1])
        end = random.choice(courses_of[random.choice(viewers_of[course])])
        if end in ends:
            ends[end] += 1
    users, courses = data.users.index_of([1]), data.courses.index_of(["c", "d"])
    scores = model.score(users, [courses])[0] / len(data.courses)
    np.testing.assert_allclose(scores, [ends["c"] / walks, ends["d"] / walks], atol=0.03)


def test_each_course_keeps_its_k_largest():
    views = random_views(USERS, COURSES)
    data = as_dataset(views)
    _, said = walk_by_hand(dense_weights(views, data), 0.6, 0.35)
    top = Rp3betaUserCourseView(k=3).fit(data).similar_courses(range(COURSES), 10)
    assert ((top.indices >= 0).sum(axis=1) == 3).all()
    np.testing.assert_allclose(top.scores[:, :3], -np.sort(-said, axis=1)[:, :3], rtol=1e-5)


def test_beta_takes_back_what_everybody_views():
    views = [(user, course, 60.0, "") for user in range(5) for course in ("a", "rare", "hit")]
    views += [(user, "hit", 60.0, "") for user in range(20, 100)]
    views += [(user, course, 60.0, "") for user in (10, 11) for course in ("a", "hit")]
    data = make_dataset(views=[*views, (200, "a", 60.0, "")])
    users = data.users.index_of([200])

    def first(beta):
        listed = Rp3betaUserCourseView(beta=beta).fit(data).recommend(users, 1).indices
        return data.courses.handles(listed[0])

    assert first(0.0) == ["hit"]
    assert first(0.5) == ["rare"]


@pytest.mark.parametrize("option", [{"alpha": -0.1}, {"beta": -1.0}, {"k": 0}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        Rp3betaUserCourseView(**option)
