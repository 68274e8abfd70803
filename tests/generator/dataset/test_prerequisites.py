import pytest

from generator.dataset.build import build_dataset
from tests.datasets import table


def with_prerequisites(*pairs, **tables):
    rows = table("course_prerequisites", "course_id prerequisite_id", pairs)
    return build_dataset({"course_prerequisites": rows, **tables})


def named(data):
    pairs, names = data.prerequisites.tocoo(), data.courses.handles()
    return {(names[course], names[before]) for course, before in zip(*pairs.coords, strict=True)}


def test_each_pair_is_kept_once_and_both_courses_are_known():
    data = with_prerequisites(("c", "b"), ("b", "a"), ("c", "b"))
    assert data.courses.handles() == ["a", "b", "c"]
    assert named(data) == {("c", "b"), ("b", "a")}
    assert data.circular_prerequisites == 0
    assert "prerequisites" in data.available


@pytest.mark.parametrize(
    ("circle", "left_out"), [([("a", "a")], 1), ([("a", "b"), ("b", "c"), ("c", "a")], 3)]
)
def test_what_goes_in_circles_is_counted_and_nobody_waits_for_it(circle, left_out):
    data = with_prerequisites(*circle, ("d", "a"))
    assert named(data) == {("d", "a")}
    assert data.circular_prerequisites == left_out


def test_without_the_table_there_is_none():
    data = build_dataset({"courses": table("courses", "course_id", [("a",)])})
    assert data.prerequisites.shape == (1, 1)
    assert "prerequisites" not in data.available


def test_finished_is_what_was_completed_or_seen_where_nothing_says_so():
    columns = "user_handle course_id view_time_seconds"
    views = table("user_course_views", columns, [(1, "a", 60.0), (2, "b", 60.0)])
    seen = build_dataset({"user_course_views": views})
    assert seen.has_finished([0, 0, 1], [0, 1, 1]).tolist() == [True, False, True]
    completions = table("course_completions", "user_handle course_id", [(2, "b")])
    completed = build_dataset({"user_course_views": views, "course_completions": completions})
    assert completed.has_finished([0, 0, 1], [0, 1, 1]).tolist() == [False, False, True]
