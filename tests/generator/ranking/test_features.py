"""Features of a small platform, each against arithmetic by hand or a loop in plain Python."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.ranking import (
    course_facts,
    learning_features,
    listed_features,
    moment_features,
    order_features,
    pair_features,
    user_features,
)
from generator.ranking.features import features, names
from generator.ranking.finding_out import known_of
from generator.ranking.known import Asked, Known
from tests.datasets import make_dataset, table

VIEWS = [
    # user, course, seconds, level, date, author
    (1, "a", 600, "first", "2025-01-01T01:00:00", "ann"),
    (1, "b", 1200, "second", "2025-01-03T13:00:00", "bob"),
    (2, "a", 600, "first", "2025-01-02T02:00:00", "ann"),
    (2, "c", 600, "second", "2025-01-10T20:00:00", "ann"),
    (3, "a", 60, "first", "2025-01-11T03:00:00", "ann"),
    (3, "b", 60, "second", "2025-01-11T04:00:00", "bob"),
]


@pytest.fixture(scope="module")
def known() -> Known:
    columns = "user_handle course_id view_time_seconds level view_date author_handle"
    rows = [(user, course, float(s), level, day, by) for user, course, s, level, day, by in VIEWS]
    tags = [("a", "python"), ("b", "python"), ("b", "java"), ("c", "pottery"), ("d", "java")]
    dataset = build_dataset(
        {
            "user_interests": table(
                "user_interests",
                "user_handle interest_tag",
                [(1, "java"), (1, "python"), (4, "go")],
            ),
            "user_course_views": table("user_course_views", columns, rows),
            "course_tags": table("course_tags", "course_id course_tags", tags),
            "course_completions": table(
                "course_completions", "user_handle course_id", [(1, "a"), (2, "a")]
            ),
            "user_assessment_scores": table(
                "user_assessment_scores", "user_handle assessment_tag user_assessment_score", []
            ),
        }
    )
    return known_of(dataset)


def of(family, known: Known, name: str, users, courses) -> np.ndarray:
    asked = asked_of(known, users, courses)
    return family.features(known, asked)[family.NAMES.index(name)]


def asked_of(known: Known, users, courses) -> Asked:
    data = known.dataset
    rows = data.users.index_of(users).astype(np.int32)
    return Asked(rows, np.tile(data.courses.index_of(courses).astype(np.int32), (len(rows), 1)))


def of_courses(known: Known, name: str, courses="abcd") -> list[float]:
    return of(course_facts, known, name, [1], list(courses))[0].tolist()


def test_courses_have_viewers_and_completions_with_a_doubt(known):
    np.testing.assert_allclose(of_courses(known, "popularity"), np.log1p([3, 2, 1, 0]), rtol=1e-6)
    np.testing.assert_allclose(of_courses(known, "completion"), [3 / 5, 1 / 4, 1 / 3, 1 / 2])
    assert of_courses(known, "n_tags") == [1, 2, 1, 1]
    assert np.isnan(of_courses(known, "rating")).all()


def test_days_are_counted_to_the_last_view_of_all(known):
    ages = [10 + 3 / 24, 7 + 15 / 24, 8 / 24]
    np.testing.assert_allclose(of_courses(known, "age_days", "abc"), ages, rtol=1e-5)
    np.testing.assert_allclose(
        of_courses(known, "idle_days", "abc"), [1 / 24, 0, 8 / 24], atol=1e-5
    )
    assert np.isnan(of_courses(known, "age_days", "d")).all()


def test_what_was_taken_up_late_rises(known):
    late = {"a": 1, "b": 1, "c": 0}
    every = {"a": 3, "b": 2, "c": 1}
    expected = [np.log((late[c] + 5) / (every[c] * 2 / 6 + 5)) for c in "abc"]
    np.testing.assert_allclose(of_courses(known, "rise", "abc"), expected, rtol=1e-5)


def test_levels_stand_in_the_order_in_which_users_take_them(known):
    assert of_courses(known, "level", "abc") == [0, 1, 1]
    assert np.isnan(of_courses(known, "level", "d")).all()
    steps = of(pair_features, known, "level_step", [1, 4], ["a", "c"])
    np.testing.assert_allclose(steps[0], [-0.5, 0.5])
    assert np.isnan(steps[1]).all()


def test_users_have_counts_and_means(known):
    users = [1, 2, 4]
    assert of(user_features, known, "user_courses", users, ["a"])[:, 0].tolist() == [2, 2, 0]
    assert of(user_features, known, "user_interests", users, ["a"])[:, 0].tolist() == [2, 0, 1]
    minutes = of(user_features, known, "user_minutes", users, ["a"])[:, 0]
    np.testing.assert_allclose(minutes, np.log1p([15, 10, 0]), rtol=1e-5)
    popularity = of(user_features, known, "user_popularity", users, ["a"])[:, 0]
    np.testing.assert_allclose(popularity[0], np.log1p([3, 2]).mean(), rtol=1e-5)
    assert np.isnan(popularity[2])


def test_tags_are_counted_that_a_user_follows_and_compared_with_those_they_viewed(known):
    followed = of(pair_features, known, "tags_followed", [1, 2], ["a", "b", "c", "d"])
    assert followed.tolist() == [[1, 2, 0, 1], [0, 0, 0, 0]]
    viewed = of(pair_features, known, "tags_viewed", [1], ["a", "b", "c", "d"])[0]
    np.testing.assert_allclose(viewed, np.array([2, 3, 0, 1]) / np.sqrt(5), rtol=1e-5)


def test_an_authors_share_is_of_the_users_courses_and_unknown_without_an_author(known):
    shares = of(pair_features, known, "author_share", [1, 2], ["a", "b", "c", "d"])
    np.testing.assert_allclose(shares[:, :3], [[0.5, 0.5, 0.5], [1, 0, 1]])
    assert np.isnan(shares[:, 3]).all()


def test_words_are_compared_by_cosine_with_all_courses_of_a_user_and_with_the_last(known):
    texts, rows = known.texts.toarray(), known.dataset.courses.index_of(list("abcd"))
    assert np.allclose(np.linalg.norm(texts, axis=1), 1, atol=1e-5)
    a, b, _, d = texts[rows]
    both = (a + b) / np.linalg.norm(a + b)
    likeness = of(pair_features, known, "text_likeness", [1], ["d"])[0, 0]
    last = of(pair_features, known, "text_likeness_last", [1, 4], ["d"])[:, 0]
    assert likeness == pytest.approx(both @ d, abs=1e-5)
    assert last[0] == pytest.approx(b @ d, abs=1e-5)
    assert last[1] == 0
    assert last[0] > likeness > 0


def test_the_moment_is_that_of_the_users_last_view(known):
    times = [datetime.fromisoformat(day) for *_, day, _ in VIEWS]
    last = {1: times[1], 2: times[3], 3: times[5]}
    for user, time in last.items():
        day = (max(times) - time).total_seconds() / 86400
        expected = [day, time.hour, time.weekday()]
        for name, value in zip(("last_view_days", "hour", "weekday"), expected, strict=True):
            found = of(moment_features, known, name, [user], ["a"])[0, 0]
            assert found == pytest.approx(value, abs=1e-4)
        assert np.isnan(of(moment_features, known, "hour", [4], ["a"])).all()
    by_then = of(moment_features, known, "viewed_by_this_time_of_day", [2, 3], ["a", "c"])
    np.testing.assert_allclose(by_then, [[1 / 7, 2 / 5], [4 / 7, 1 / 5]], rtol=1e-5)


def test_what_follows_a_users_last_courses_is_counted_with_a_doubt(known):
    after_a = of(order_features, known, "follows_second_last", [1], ["b", "c", "a"])[0]
    np.testing.assert_allclose(after_a, [2 / 8, 1 / 8, 0], rtol=1e-6)
    assert not of(order_features, known, "follows_last", [1, 4], ["a", "b", "c", "d"]).any()
    assert not of(order_features, known, "follows_third_last", [1], ["b"]).any()


def test_shares_of_what_follows_are_those_of_a_loop_over_users():
    random = np.random.default_rng(3)
    orders = [random.permutation(7)[: random.integers(1, 8)].tolist() for _ in range(40)]
    views = [(user, str(c), 60.0, "") for user, order in enumerate(orders) for c in order]
    data = make_dataset(views=views, courses=[str(course) for course in range(7)])
    counts = np.zeros((7, 7))
    for order in orders:
        for one, other in pairwise(order):
            counts[one, other] += 1
    wanted = counts / (counts.sum(axis=1, keepdims=True) + 5)
    found = order_features.follows_of(data).toarray()
    rows = data.courses.index_of([str(course) for course in range(7)])
    np.testing.assert_allclose(found[np.ix_(rows, rows)], wanted, rtol=1e-5)


def test_a_model_that_does_not_know_a_user_is_told_from_one_that_does_not_list_the_course():
    scores = np.array([[[0.5, 0]], [[0, 0]]], np.float32)
    knows = np.array([[True], [False]])
    parts = listed_features.features(np.array([[0.5, 0.1]], np.float32), scores, scores, knows)
    by_name = dict(zip(listed_features.names(["one", "two"]), parts, strict=True))
    np.testing.assert_array_equal(by_name["score_one"], [[0.5, 0]])
    assert np.isnan(by_name["score_two"]).all()
    assert by_name["listed_by"].tolist() == [[1, 0]]
    assert by_name["blend_rank"].tolist() == [[0, 1]]


def test_levels_and_prerequisites_stand_where_the_learner_is():
    """User 1 has completed the first level of x, and of the two that "c" needs one."""
    views = [(1, "a", 60.0, "first"), (1, "b", 60.0, "first"), (2, "a", 60.0, "first")]
    views += [(2, course, 60.0, "second") for course in "cd"] + [(2, "e", 60.0, "third")]
    columns = "user_handle course_id view_time_seconds level"
    tags = [(course, "x") for course in "ace"] + [("b", "y"), ("d", "z")]
    needs = [("c", "a"), ("c", "b"), ("e", "c"), ("a", "b")]
    known = known_of(
        build_dataset(
            {
                "user_course_views": table("user_course_views", columns, views),
                "course_tags": table("course_tags", "course_id course_tags", tags),
                "course_completions": table(
                    "course_completions", "user_handle course_id", [(1, "a")]
                ),
                "course_prerequisites": table(
                    "course_prerequisites", "course_id prerequisite_id", needs
                ),
            }
        )
    )
    asked = known, "level_gap", [1, 2], list("abcde")
    steps = of(learning_features, *asked)
    np.testing.assert_array_equal(steps[0], [-1, np.nan, 0, np.nan, 1])
    assert np.isnan(steps[1]).all(), "nothing was completed"
    missing = of(learning_features, known, "prerequisites_missing", [1, 2], list("abcde"))
    assert missing.tolist() == [[1, 0, 1, 0, 1], [1, 0, 2, 0, 1]]
    done = of(learning_features, known, "prerequisites_done", [1, 2], list("abcde"))
    assert done.tolist() == [[0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]


def test_every_feature_has_a_name_and_a_column(known):
    asked = asked_of(known, [1, 2, 4], ["a", "d"])
    listed = [np.full((3, 2), place, np.float32) for place in range(7)]
    named = names(["one", "two"])
    rows = features(known, asked, listed)
    assert rows.shape == (6, len(named)) == (6, len(set(named)))
    assert rows[0, :7].tolist() == list(range(7))
    place = named.index("tags_followed")
    assert rows[:, place].tolist() == [1, 1, 0, 0, 0, 0]


def test_on_a_platform_that_says_nothing_every_feature_is_there_and_most_are_unknown():
    bare = known_of(make_dataset(users=[1, 2], courses=["1", "2"]))
    rows = features(bare, asked_of(bare, [1, 2], ["1", "2"]), [])
    assert rows.shape[0] == 4
    assert not np.isinf(rows).any()
