from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.lists.group_rankings import group_rankings
from generator.lists.groups import groups_of
from generator.models.completed_course_view import CompletedCourseView
from generator.models.popular_course_view import PopularCourseView
from generator.models.run_options import RunOptions
from generator.models.trending_course_view import TrendingCourseView
from generator.reranking.on_offer import OnOffer
from generator.reranking.rules import Rules
from tests.datasets import table

DEPARTMENTS = ["Sales", "R&D / Labs", "Board"]
NOW = date(2026, 6, 1)


def rows_of_views(seed=3):
    """60 users, 12 courses: (user, course, seconds, level, date, completed)."""
    random = np.random.default_rng(seed)
    views = []
    for user in range(60):
        for course in random.choice(12, random.integers(1, 6), replace=False):
            day = NOW - timedelta(days=int(random.integers(0, 200)))
            level = ["Beginner", "Advanced"][course % 2]
            views.append((user, f"c{course:02}", 60.0, level, str(day), bool(random.integers(2))))
    return views


def department_of(user):
    return DEPARTMENTS[2 if user < 4 else user % 2]


@pytest.fixture(scope="module")
def platform():
    views = rows_of_views()
    tags = [(f"c{course:02}", tag) for course in range(12) for tag in ("c#", "a/b")[: course % 3]]
    users = [(user, department_of(user), str(20 + user)) for user in range(60)]
    columns = "user_handle course_id view_time_seconds level view_date completed"
    return build_dataset(
        {
            "user_course_views": table("user_course_views", columns, views),
            "course_tags": table("course_tags", "course_id course_tags", tags),
            "users": table("users", "user_handle department age", users),
        }
    )


def rankings_of(model_type, data, n=20, rules=None):
    model = model_type().fit(data, RunOptions(seed=1))
    rows = group_rankings(model, n) if rules is None else group_rankings(model, n, rules)
    return {row.subject: dict(zip(row.entries, row.scores, strict=True)) for row in rows}


def only_of(department):
    """A platform where nobody else is, but with all courses of the whole."""
    views = [row for row in rows_of_views() if department_of(row[0]) == department]
    return {(user, course) for user, course, *_ in views}


def test_groups_are_levels_tags_and_segments_of_ten_users_or_more(platform):
    kinds = "level", "tag", "segment"
    assert {group.name for group in groups_of(platform, kinds)} == {
        "level/advanced", "level/beginner", "tag/a/b", "tag/c#",
        "segment/department/sales", "segment/department/r&d / labs",
    }  # fmt: skip


def test_of_a_level_or_a_tag_the_ranking_has_the_courses_that_are_of_it(platform):
    viewers = Counter(course for _, course in {(u, c) for u, c, *_ in rows_of_views()})
    rankings = rankings_of(PopularCourseView, platform)
    even = {f"c{course:02}" for course in range(0, 12, 2)}
    tagged = {f"c{course:02}" for course in range(12) if course % 3 == 2}
    assert rankings["level/beginner"] == {c: viewers[c] for c in even if viewers[c]}
    assert rankings["tag/a/b"] == {c: viewers[c] for c in tagged if viewers[c]}
    for ranking in rankings.values():
        assert list(ranking.values()) == sorted(ranking.values(), reverse=True)


def test_of_a_segment_the_ranking_is_by_what_its_users_alone_viewed(platform):
    rankings = rankings_of(PopularCourseView, platform)
    for department in DEPARTMENTS[:2]:
        expected = Counter(course for _, course in only_of(department))
        assert rankings[f"segment/department/{department.lower()}"] == expected


def test_a_segment_rises_by_its_own_viewers_up_to_now(platform):
    rankings = rankings_of(TrendingCourseView, platform)
    first: dict = {}
    for user, course, _, _, day, _ in rows_of_views():
        if department_of(user) == "Sales":
            first[user, course] = min(day, first.get((user, course), day))
    latest = max(date.fromisoformat(row[4]) for row in rows_of_views())
    recent, past = Counter(), Counter()
    for (_, course), day in first.items():
        share = 2.0 ** (-(latest - date.fromisoformat(day)).days / 30)
        recent[course] += share
        past[course] += 1 - share
    growth = sum(recent.values()) / sum(past.values())
    expected = {c: (recent[c] + 20) / (past[c] * growth + 20) for c in recent}
    assert rankings["segment/department/sales"] == pytest.approx(expected, abs=2e-6)


def test_a_segment_that_completes_a_course_more_than_others_ranks_it_higher():
    views = [(user, course, 60.0, "") for user in range(80) for course in ("a", "b", "c")]
    done = [(user, "ab"[user % 2]) for user in range(80)] + [(user, "c") for user in range(20)]
    columns = "user_handle course_id view_time_seconds level"
    data = build_dataset(
        {
            "user_course_views": table("user_course_views", columns, views),
            "course_completions": table("course_completions", "user_handle course_id", done),
            "users": table("users", "user_handle side", [(u, "eo"[u % 2]) for u in range(80)]),
        }
    )
    rankings = rankings_of(CompletedCourseView, data)
    assert [next(iter(rankings[f"segment/side/{side}"])) for side in "eo"] == ["a", "b"]


def test_it_is_as_deep_as_a_list_and_keeps_to_rules(platform):
    assert len(rankings_of(PopularCourseView, platform, n=2)["level/beginner"]) == 2
    ended = np.array([course == "c04" for course in platform.courses.handles()])
    rules = Rules.made_of([OnOffer(ended, np.zeros(len(ended), bool))], platform)
    free, ruled = (
        rankings_of(PopularCourseView, platform, 4, rules)["level/beginner"]
        for rules in (None, rules)
    )
    assert "c04" in free
    assert "c04" not in ruled
    assert len(ruled) == 4
