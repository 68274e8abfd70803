from datetime import date, timedelta
from math import log1p

import numpy as np
import pytest

from generator.checks.list_facts import could_list
from generator.dataset.build import build_dataset
from generator.models.run_options import RunOptions
from generator.models.unfinished_course_view import UnfinishedCourseView
from tests.datasets import table

TODAY = date(2026, 6, 1)
VIEWS = [
    # user, course, minutes, days ago
    (1, "short and fresh", 10, 0),
    (1, "long and old", 300, 60),
    (1, "twice", 5, 200),
    (1, "twice", 5, 10),
    (1, "the oldest", 600, 400),
    (1, "opened", 0, 0),
    (1, "done", 100, 1),
    (1, "undated", 50, None),
    (2, "done", 100, 5),
    (3, "opened", 0, 5),
]


def platform(views=VIEWS, completions=((1, "done"), (2, "done"), (4, "done"))):
    rows = [
        (user, course, 60.0 * minutes, ago if ago is None else str(TODAY - timedelta(days=ago)))
        for user, course, minutes, ago in views
    ]
    columns = "user_handle course_id view_time_seconds view_date"
    completed = table("course_completions", "user_handle course_id", completions)
    return build_dataset(
        {"user_course_views": table("user_course_views", columns, rows),
         "course_completions": completed}
    )  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return platform()


def listed(model, user):
    data = model.dataset
    (top,) = zip(*model.resume(data.users.index_of([user]), 9), strict=True)
    there = top[0] >= 0
    return dict(zip(data.courses.handles(top[0][there]), top[1][there].tolist(), strict=True))


def test_what_was_begun_and_not_completed_comes_by_time_spent_and_how_long_ago(data):
    model = UnfinishedCourseView(half_life_days=30).fit(data)
    expected = {
        "short and fresh": log1p(10),
        "long and old": log1p(300) / (1 + 60 / 30),
        "twice": log1p(10) / (1 + 10 / 30),
        "the oldest": log1p(600) / (1 + 400 / 30),
        "undated": log1p(50) / (1 + 400 / 30),
    }
    ranked = sorted(expected, key=expected.get, reverse=True)
    assert list(listed(model, 1)) == ranked
    assert listed(model, 1) == pytest.approx(expected, abs=1e-5)
    undated = platform([(1, "a", 5, None), (1, "b", 9, None)])
    assert list(listed(UnfinishedCourseView().fit(undated), 1)) == ["b", "a"]


def test_who_completed_all_that_they_began_has_an_empty_list_and_others_none(data):
    model = UnfinishedCourseView().fit(data)
    assert data.users.handles(model.known_users()) == [1, 2]
    assert listed(model, 2) == {}
    could = could_list("resume", data)
    assert data.users.handles(np.flatnonzero(could).astype(np.int32)) == [1]
    hidden = np.ones(len(data.courses), bool)
    assert not could_list("resume", data, hidden).any()


def test_the_days_are_those_to_the_last_view_when_it_was_fitted(data):
    model = UnfinishedCourseView().fit(data, RunOptions(seed=1))
    before = listed(model, 1)
    model.fold_in(platform([*VIEWS, (5, "short and fresh", 10, -30)]))
    assert listed(model, 1) == before
    assert listed(model, 5) == pytest.approx({"short and fresh": log1p(10)}, abs=1e-5)


def test_a_course_that_is_completed_since_is_resumed_no_more(data):
    model = UnfinishedCourseView().fit(data)
    model.fold_in(platform(completions=[(1, "done"), (1, "twice")]))
    assert "twice" not in listed(model, 1)
    assert "short and fresh" in listed(model, 1)
