import math

import numpy as np
import pytest

from generator.models.knn_collab_filtering_user_course_view import KnnUserCourseView
from shared.errors import SettingsError
from tests.datasets import make_dataset

HOUR = 3600.0


def similarity_by_hand(views: dict, shrink: float) -> dict:
    """The docstring's formula over dictionaries in float64: {(user, user): similarity}."""
    minutes = {
        user: {course: math.log1p(t / 60) for course, t in courses.items()}
        for user, courses in views.items()
    }
    viewers = {c: sum(c in courses for courses in views.values()) for u in views for c in views[u]}
    rarity = {c: math.log((1 + len(views)) / (1 + v)) + 1 for c, v in viewers.items()}
    vectors = {u: {c: w * rarity[c] for c, w in courses.items()} for u, courses in minutes.items()}
    length = {u: math.sqrt(sum(x * x for x in v.values())) for u, v in vectors.items()}
    return {
        (a, b): sum(x * vectors[b].get(c, 0) for c, x in vectors[a].items())
        / ((length[a] + shrink) * (length[b] + shrink))
        for a in vectors
        for b in vectors
        if a != b
    }


def random_views(users=40, courses=25, seed=2):
    random = np.random.default_rng(seed)
    return {
        user: {
            f"c{course:02}": float(random.lognormal(6, 1.5))
            for course in random.choice(courses, random.integers(1, 8), replace=False)
        }
        for user in range(users)
    }


def as_dataset(views):
    return make_dataset(views=[(u, c, t, "") for u, cs in views.items() for c, t in cs.items()])


@pytest.mark.parametrize("shrink", [0.0, 20.0])
def test_similar_users_equal_the_formula_in_float64(shrink):
    views = random_views()
    expected = similarity_by_hand(views, shrink)
    top = KnnUserCourseView(shrink=shrink).fit(as_dataset(views)).similar_users(range(40), 10)
    for user, (indices, scores) in enumerate(zip(*top, strict=True)):
        best = sorted((s for (a, _), s in expected.items() if a == user and s > 0), reverse=True)
        found = scores[indices >= 0]
        np.testing.assert_allclose(found, best[:10], atol=2e-6)
        for index, score in zip(indices, found, strict=False):
            assert expected[user, int(index)] == pytest.approx(score, abs=2e-6)


@pytest.mark.parametrize("damping", [0.0, 0.2, 1.0])
def test_courses_score_the_votes_of_the_k_nearest(damping):
    views = random_views(seed=8)
    viewers = {c: sum(c in courses for courses in views.values()) for u in views for c in views[u]}
    similar = similarity_by_hand(views, 20.0)
    model = KnnUserCourseView(k=5, popularity_damping=damping)
    top = model.fit(data := as_dataset(views)).recommend(range(40), 6)
    for user, (indices, scores) in enumerate(zip(*top, strict=True)):
        nearest = sorted(
            ((-s, b) for (a, b), s in similar.items() if a == user and s > 0),
        )[:5]
        votes: dict[str, float] = {}
        for minus_similarity, neighbour in nearest:
            for course, seconds in views[neighbour].items():
                if course not in views[user]:
                    vote = -minus_similarity * math.log1p(seconds / 60)
                    vote /= viewers[course] ** damping
                    votes[course] = votes.get(course, 0) + vote
        found = scores[indices >= 0]
        best = sorted(votes.values(), reverse=True)[:6]
        np.testing.assert_allclose(found, best, atol=5e-5)
        courses = data.courses.handles(indices[indices >= 0])
        for course, score in zip(courses, found, strict=True):
            assert votes[course] == pytest.approx(score, abs=5e-5)


def everybody_alike(users: int, views: int) -> dict:
    """Who have all watched the same courses, and each one more of their own."""
    shared = {f"shared {i}": HOUR for i in range(views - 1)}
    return {user: shared | {f"own {user}": HOUR} for user in range(users)}


@pytest.mark.parametrize(("views", "asked"), [(2, 500), (5, 400), (40, 200)])
def test_as_many_neighbours_vote_as_have_two_thousand_views_together(views, asked):
    data = as_dataset(everybody_alike(600, views))
    model = KnnUserCourseView().fit(data)
    (voted_for,) = np.nonzero(model.score([0], [np.arange(len(data.courses))])[0] > 0)
    assert sum(course.startswith("own") for course in data.courses.handles(voted_for)) == asked


def test_one_shared_short_view_ranks_below_several_shared_courses():
    views = {
        "me": {"a": HOUR, "b": HOUR, "c": HOUR, "d": HOUR},
        "one short view": {"a": 30.0},
        "several": {"a": HOUR, "b": HOUR, "c": HOUR, "x": HOUR, "y": HOUR},
    }
    others = {f"other {i}": {f"z{i}": HOUR} for i in range(20)}
    data = as_dataset(views | others)
    top = KnnUserCourseView().fit(data).similar_users(data.users.index_of(["me"]), 2)
    assert data.users.handles(top.indices[0]) == ["several", "one short view"]
    assert top.scores[0, 0] > 3 * top.scores[0, 1]


def test_a_course_opened_for_no_time_is_no_evidence_but_is_seen():
    data = make_dataset(
        views=[
            (1, "a", HOUR, ""),
            (1, "b", 0.0, ""),
            (2, "a", HOUR, ""),
            (2, "b", HOUR, ""),
            (3, "b", 0.0, ""),
        ]
    )
    model = KnnUserCourseView().fit(data)
    assert data.users.handles(model.known_users()) == [1, 2]
    assert model.recommend(data.users.index_of([1]), 1).indices.tolist() == [[-1]]


@pytest.mark.parametrize("options", [{"k": -1}, {"shrink": -1.0}, {"popularity_damping": 1.1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(SettingsError, match=next(iter(options))):
        KnnUserCourseView(**options)


@pytest.mark.parametrize("shrink", [0.0, 20.0])
def test_similar_courses_equal_the_formula_with_users_and_courses_changed(shrink):
    views = random_views()
    viewers: dict = {}
    for user, courses in views.items():
        for course, seconds in courses.items():
            viewers.setdefault(course, {})[user] = seconds
    expected = similarity_by_hand(viewers, shrink)
    data = as_dataset(views)
    top = KnnUserCourseView(shrink=shrink).fit(data).similar_courses(range(25), 8)
    for course, indices, scores in zip(data.courses.handles(), *top, strict=True):
        best = sorted((s for (a, _), s in expected.items() if a == course and s > 0), reverse=True)
        listed = data.courses.handles(indices[indices >= 0])
        np.testing.assert_allclose(scores[: len(listed)], best[:8], atol=2e-6)
        for other, score in zip(listed, scores, strict=False):
            assert expected[course, other] == pytest.approx(score, abs=2e-6)


def test_a_user_who_shares_no_course_with_anybody_is_unknown():
    data = as_dataset({1: {"a": HOUR}, 2: {"a": HOUR, "b": HOUR}, 3: {"c": HOUR, "d": HOUR}})
    model = KnnUserCourseView().fit(data)
    assert data.users.handles(model.known_users()) == [1, 2]
    assert data.courses.handles(model.known_courses()) == ["a", "b"]


def test_a_user_who_is_folded_in_is_weighted_as_the_others_were():
    before = random_views()
    model = KnnUserCourseView().fit(as_dataset(before))
    model.fold_in(as_dataset(before | {500: before[3]}))
    (own, theirs), (scores, their_scores) = model.similar_users([40, 3], 41)
    shared = (own != 3) & (own >= 0), (theirs != 40) & (theirs >= 0)
    assert list(own[shared[0]]) == list(theirs[shared[1]])
    np.testing.assert_array_equal(scores[shared[0]], their_scores[shared[1]])


def test_a_course_that_is_new_when_users_are_folded_in_is_as_rare_as_one_nobody_viewed():
    before = random_views()
    data = as_dataset(before | {500: before[3] | {"c99": HOUR}})
    model = KnnUserCourseView(shrink=0.0).fit(as_dataset(before)).fold_in(data)
    viewers = {c: sum(c in courses for courses in before.values()) for c in data.courses.handles()}
    own = {
        course: math.log1p(seconds / 60) * (math.log(41 / (1 + viewers[course])) + 1)
        for course, seconds in (before[3] | {"c99": HOUR}).items()
    }
    shared = math.fsum(x * x for course, x in own.items() if course != "c99")
    cosine = math.sqrt(shared / (shared + own["c99"] ** 2))
    top = model.similar_users([40], 40)
    (place,) = np.flatnonzero(top.indices[0] == 3)
    assert top.scores[0, place] == pytest.approx(cosine, abs=2e-6)


def test_votes_for_a_course_that_is_new_when_users_are_folded_in_are_not_damped():
    before = random_views()
    model = KnnUserCourseView().fit(as_dataset(before))
    data = as_dataset(before | {500: before[3] | {"c99": HOUR}})
    model.fold_in(data)
    (new,) = data.courses.index_of(["c99"])
    top = model.similar_users([3], 41)
    (similarity,) = top.scores[top.indices == 40]
    vote = similarity * math.log1p(HOUR / 60)
    assert model.score([3], [[new]])[0, 0] == pytest.approx(vote, rel=1e-5)
