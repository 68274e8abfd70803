from datetime import date, timedelta

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.popular_course_view import PopularCourseView
from generator.models.run_options import RunOptions
from generator.models.trending_course_view import TrendingCourseView
from tests.datasets import make_dataset, table

NOW = date(2026, 6, 1)
HALF_LIFE = {"half_life_days": 10.0}


def viewed(days_ago_of):
    """`days_ago_of`: course -> days before now on which somebody new viewed it, None undated."""
    columns = "user_handle course_id view_time_seconds level view_date"
    rows, user = [], 0
    for course, days in days_ago_of.items():
        for ago in days:
            user += 1
            day = None if ago is None else str(NOW - timedelta(days=ago))
            rows.append((user, course, 600.0, "", day))
    return build_dataset({"user_course_views": table("user_course_views", columns, rows)})


def scores_of(data, run=None, **options):
    model = TrendingCourseView(**options).fit(data, run)
    top = model.ranking(len(data.courses))
    return dict(zip(data.courses.handles(top.indices[0]), top.scores[0].tolist(), strict=True))


def steady(viewers_a_day, days=100):
    return [ago for ago in range(days) for _ in range(viewers_a_day)]


def test_what_rose_comes_first_and_not_what_was_always_popular():
    days = {"popular": steady(20), "steady": steady(2), "fallen": list(range(60, 100)) * 3}
    days["rose"] = [*steady(1), *list(range(8)) * 6]
    data = viewed(days)
    first, *between, last = scores_of(data, **HALF_LIFE)
    assert [first, {*between}, last] == ["rose", {"popular", "steady"}, "fallen"]
    first = PopularCourseView().fit(data).ranking(1).indices[0]
    assert data.courses.handles(first) == ["popular"]


def test_scores_are_those_of_the_formula_added_up_one_by_one():
    random = np.random.default_rng(4)
    days = {f"c{i}": random.integers(0, 90, 1 + 5 * i).tolist() for i in range(8)}
    days["c3"][0] = 0
    recent = {c: sum(2.0 ** (-a / 10) for a in ago) for c, ago in days.items()}
    past = {c: len(ago) - recent[c] for c, ago in days.items()}
    growth = sum(recent.values()) / sum(past.values())
    expected = {c: (recent[c] + 5) / (past[c] * growth + 5) for c in days}
    assert scores_of(viewed(days), prior=5.0, **HALF_LIFE) == pytest.approx(expected, abs=2e-6)


def test_of_few_viewers_the_latest_is_now():
    scores = scores_of(viewed({"new": [0], "old": [10]}), prior=1.0, **HALF_LIFE)
    # Of old's one viewer half is past, so that all of the 1.5 that is recent was expected there.
    assert scores == pytest.approx({"new": 2 / 1, "old": 1.5 / 2.5})


def test_one_new_viewer_of_a_course_that_had_none_is_not_a_trend():
    days = {"steady": steady(5), "rose": [*steady(1), *[0, 1, 2, 3] * 20], "new": [0]}
    assert next(iter(scores_of(viewed(days), **HALF_LIFE))) == "rose"
    assert scores_of(viewed(days), prior=0.01, **HALF_LIFE)["new"] > 10


def test_a_platform_that_doubles_makes_no_course_rise():
    doubled = [*steady(3), *steady(3, days=10)]
    scores = scores_of(viewed({"a": doubled, "b": doubled * 4}), **HALF_LIFE)
    assert list(scores.values()) == pytest.approx([1, 1])


def test_one_who_views_a_course_every_day_made_it_rise_once():
    columns = "user_handle course_id view_time_seconds level view_date"
    views = [(1, "again", 60.0, "", str(NOW - timedelta(days=ago))) for ago in range(50)]
    views += [(2, "once", 60.0, "", str(NOW - timedelta(days=49)))]
    views += [(3, "other", 60.0, "", str(NOW))]
    data = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    scores = scores_of(data, **HALF_LIFE)
    assert scores["again"] == scores["once"] < scores["other"]


def test_a_date_in_the_far_future_makes_not_all_else_past():
    days = {"popular": steady(20), "rose": [*steady(1), *list(range(8)) * 6], "wrong": [-80_000]}
    assert next(iter(scores_of(viewed(days), **HALF_LIFE))) == "rose"


def test_viewers_without_a_date_are_past():
    undated = scores_of(viewed({"a": [*steady(1), *[None] * 50], "b": steady(1)}), **HALF_LIFE)
    assert undated["a"] < 1 < undated["b"]


def test_where_nothing_is_dated_it_ranks_by_viewers_and_says_so():
    data = make_dataset(views=[(user, c, 60.0, "") for c in "abc" for user in range(ord(c) - 95)])
    said = []
    assert list(scores_of(data, RunOptions(say=said.append))) == ["c", "b", "a"]
    assert said == ["trending_course_view: no view has a date, so it ranks by viewers."]
