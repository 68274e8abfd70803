from itertools import chain

import numpy as np

from generator.dataset.build import build_dataset
from generator.lists import viewers as module
from generator.lists.viewers import course_viewers
from shared.records import COURSE_VIEWERS
from tests.datasets import make_dataset, table

COLUMNS = "user_handle course_id view_time_seconds view_date"


def stored(views):
    data = build_dataset({"user_course_views": table("user_course_views", COLUMNS, views)})
    rows = list(chain.from_iterable(course_viewers(data)))
    assert all(row.section == COURSE_VIEWERS for row in rows)
    return {row.subject: row.facts["users"] for row in rows}


def test_each_viewer_stands_there_once_the_latest_first_and_the_undated_last():
    views = [
        ("ada", "c1", 60.0, "2026-03-01"),
        ("bob", "c1", 60.0, "2026-03-02"),
        ("ada", "c1", 60.0, "2026-03-03"),
        ("eve", "c1", 60.0, None),
        ("cy", "c1", 60.0, "1969-01-01"),
        ("bob", "c2", 60.0, None),
    ]
    assert stored(views) == {"c1": ["ada", "bob", "cy", "eve"], "c2": ["bob"]}


def test_they_are_those_of_a_plain_loop_over_all_views(monkeypatch):
    monkeypatch.setattr(module, "COURSES_PER_BLOCK", 7)
    monkeypatch.setattr(module, "VIEWERS_SHOWN", 5)
    random = np.random.default_rng(3)
    views = [
        (int(random.integers(40)), f"c{random.integers(30):02}", 60.0, f"2026-01-{day:02}")
        for day in random.integers(1, 28, 600)
    ]
    expected: dict[str, dict[int, str]] = {}
    for user, course, _, day in views:
        last = expected.setdefault(course, {})
        last[user] = max(last.get(user, ""), day)
    assert stored(views) == {
        course: sorted(last, key=lambda user: (-int(last[user][-2:]), user))[:5]
        for course, last in expected.items()
    }


def test_where_nobody_viewed_anything_there_are_no_rows():
    data = make_dataset(interests=[(1, "x")], course_tags=[("a", "x")])
    assert list(course_viewers(data)) == []
