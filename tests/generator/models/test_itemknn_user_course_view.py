import numpy as np
import pytest

from generator.models.itemknn_user_course_view import ItemKnnUserCourseView
from generator.models.popular_course_view import PopularCourseView
from shared.errors import SettingsError
from tests.datasets import make_dataset
from tests.views_by_lot import as_dataset, dense_weights, random_views

USERS, COURSES = 40, 25


def said_by_hand(weights: np.ndarray, weighting: str, shrink: float, asymmetry: float):
    """The docstring's formula on dense float64 arrays: [courses, courses], 0 on the diagonal."""
    viewed, evidence = (weights > 0).sum(axis=1), weights.sum(axis=1)
    if weighting == "tfidf":
        vectors = weights * np.log(1 + weights.shape[1] / viewed)[:, None]
    elif weighting == "bm25":
        beside = (evidence / evidence.mean())[:, None]
        vectors = weights * 2.2 / (weights + 1.2 * (0.1 + 0.9 * beside))
    else:
        vectors = weights
    shrunk = np.sqrt((vectors**2).sum(axis=0)) + shrink
    own, other = shrunk ** (2 * asymmetry), shrunk ** (2 - 2 * asymmetry)
    said = vectors.T @ vectors / own[:, None] / other[None]
    np.fill_diagonal(said, 0)
    return said


def nearest_only(said: np.ndarray, k: int) -> np.ndarray:
    """Each row's k largest."""
    return np.where(said >= -np.sort(-said, axis=1)[:, k - 1 : k], said, 0)


@pytest.mark.parametrize("weighting", ["none", "tfidf", "bm25"])
@pytest.mark.parametrize(("k", "shrink", "asymmetry"), [(100, 0.0, 0.5), (4, 3.0, 0.7)])
def test_lists_are_those_of_the_formula_in_float64(weighting, k, shrink, asymmetry):
    views = random_views(USERS, COURSES)
    data = as_dataset(views)
    model = ItemKnnUserCourseView(k=k, weighting=weighting, shrink=shrink, asymmetry=asymmetry)
    model.fit(data)
    weights = dense_weights(views, data)
    said = nearest_only(said_by_hand(weights, weighting, shrink, asymmetry), min(k, COURSES))
    alike = model.similar_courses(range(COURSES), COURSES)
    for course in range(COURSES):
        listed = alike.indices[course] >= 0
        found = dict(zip(alike.indices[course][listed], alike.scores[course], strict=False))
        expected = {c: s for c, s in enumerate(said[course]) if s > 0}
        assert found == pytest.approx(expected, abs=2e-6)
    scores = weights @ said
    top = model.recommend(range(USERS), COURSES)
    for user in range(USERS):
        listed = top.indices[user] >= 0
        found = dict(zip(top.indices[user][listed], top.scores[user], strict=False))
        unseen = {c: s for c, s in enumerate(scores[user]) if s > 0 and weights[user, c] == 0}
        assert found == pytest.approx(unseen, abs=3e-5)
    asked = np.tile(np.arange(COURSES), (USERS, 1))
    np.testing.assert_allclose(model.score(range(USERS), asked), scores, atol=3e-5)


def crowd_and_pair():
    """Everybody views "hit"; "a" and "b" have the same twenty viewers; "c" and "d" have one."""
    views = [(user, "hit", 60.0, "") for user in range(100)]
    views += [(user, course, 60.0, "") for user in range(20) for course in "ab"]
    views += [(50, "c", 60.0, ""), (50, "d", 60.0, ""), (200, "a", 60.0, "")]
    return make_dataset(views=views)


def test_the_course_with_the_same_viewers_comes_before_the_one_that_everybody_views():
    data = crowd_and_pair()
    model = ItemKnnUserCourseView().fit(data)
    (user,) = data.users.index_of([200])
    first = [m.recommend([user], 1).indices[0, 0] for m in (model, PopularCourseView().fit(data))]
    assert data.courses.handles(np.array(first, np.int32)) == ["b", "hit"]
    similar = model.similar_courses(data.courses.index_of(["a"]), 1).indices[0]
    assert data.courses.handles(similar) == ["b"]


@pytest.mark.parametrize(("shrink", "less_sure"), [(0.0, False), (3.0, True)])
def test_with_shrinkage_one_common_viewer_is_less_than_twenty(shrink, less_sure):
    data = crowd_and_pair()
    model = ItemKnnUserCourseView(shrink=shrink, weighting="none").fit(data)
    of_one, of_many = model.similar_courses(data.courses.index_of(["c", "a"]), 1).scores[:, 0]
    assert (of_one < 0.5 * of_many) == less_sure


@pytest.mark.parametrize("weighting", ["tfidf", "bm25"])
def test_two_views_of_one_who_views_all_say_less_than_those_of_a_chooser(weighting):
    views = [(1, f"c{i}", 60.0, "") for i in range(30)] + [(2, "c0", 60.0, ""), (2, "x", 60.0, "")]
    data = make_dataset(views=views)
    courses = data.courses.index_of(["c0"])
    expected = data.courses.index_of(["x"])
    model = ItemKnnUserCourseView(weighting=weighting, shrink=3.0).fit(data)
    assert model.similar_courses(courses, 1).indices[0, 0] == expected[0]
    others = model.similar_courses(courses, 2).scores[0]
    assert others[0] > 1.2 * others[1]


def test_the_reasons_are_the_users_courses_by_what_they_add():
    views = [(user, course, 60.0, "") for user in range(9) for course in ("a", "z")]
    views += [(user, course, 60.0, "") for user in (20, 21, 22) for course in ("b", "z")]
    views += [(99, "a", 60.0, ""), (99, "b", 60.0, "")]
    data = make_dataset(views=views)
    model = ItemKnnUserCourseView(weighting="none").fit(data)
    users = data.users.index_of([99])
    listed = model.recommend(users, 1).indices
    assert data.courses.handles(listed[0]) == ["z"]
    reasons = model.reasons("recommendations", users, listed)
    assert data.courses.handles(reasons.indices[0, 0, :2]) == ["a", "b"]
    assert reasons.shares[0, 0, :2].sum() == pytest.approx(1)


def test_courses_that_one_user_alone_viewed_say_nothing_of_each_other():
    views = [(1, "a", 60.0, ""), (2, "a", 60.0, ""), (2, "b", 60.0, "")]
    data = make_dataset(views=[*views, (3, "c", 60.0, ""), (3, "d", 60.0, "")])
    model = ItemKnnUserCourseView().fit(data)
    assert data.users.handles(model.known_users()) == [1, 2]
    assert data.courses.handles(model.known_courses()) == ["a", "b"]


def test_a_weighting_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(SettingsError, match="weighting must be none or tfidf or bm25"):
        ItemKnnUserCourseView(weighting="bm11")
