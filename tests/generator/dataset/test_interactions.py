"""The order of what users did, against sorting the rows one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from tests.datasets import table

COLUMNS = "user_handle view_date course_id view_time_seconds completed"


def build(views, completions=()) -> Dataset:
    """`views`: (user, date, course, seconds, completed)."""
    return build_dataset(
        {
            "user_course_views": table("user_course_views", COLUMNS, views),
            "course_completions": table("course_completions", "user_handle course_id", completions),
        }
    )


def courses_of(dataset: Dataset, user) -> list:
    taken = dataset.interactions.of(dataset.users.index_of([user])[0])
    return dataset.courses.handles(dataset.interactions.courses[taken])


def test_a_users_views_follow_their_dates_and_then_the_file():
    dataset = build(
        [
            (1, "2026-05-02", "third", 1, None),
            (2, "2026-01-01", "theirs", 1, None),
            (1, "2026-05-01T10:00", "second", 1, None),
            (1, None, "first", 1, None),
            (1, "2026-05-02", "fourth, by the file", 1, None),
            (1, "2026-05-03", "second", 1, None),
        ]
    )
    order = ["first", "second", "third", "fourth, by the file", "second"]
    assert courses_of(dataset, 1) == order
    assert courses_of(dataset, 2) == ["theirs"]
    assert dataset.interactions.offsets.tolist() == [0, 5, 6]


def test_times_are_microseconds_and_a_missing_date_is_before_all():
    times = build(
        [(1, "1970-01-01T00:00:02", "a", 1, None), (1, None, "b", 1, None)]
    ).interactions.times
    assert times.dtype == np.int64
    assert times.tolist() == [UNDATED, 2_000_000]


def test_the_share_of_tied_times_counts_every_view_that_shares_its_time():
    dated = [(1, "2026-05-01", "a", 1, None), (1, "2026-05-01", "b", 1, None)]
    other = [(1, "2026-05-02", "c", 1, None), (2, "2026-05-02", "c", 1, None)]
    assert build(dated + other).interactions.tied_share == 0.5
    assert build(other).interactions.tied_share == 0
    undated = [(1, None, course, 1, None) for course in "abc"]
    assert build(undated).interactions.tied_share == 1
    assert build([]).interactions.tied_share == 0


def test_completed_is_what_the_view_says_and_what_the_table_adds():
    views = [(1, None, "a", 1, True), (1, None, "b", 1, False), (1, None, "c", 1, None)]
    by_column, by_both = build(views), build(views, [(1, "b"), (1, "elsewhere")])
    assert by_column.interactions.completed.tolist() == [1, 0, -1]
    assert by_both.interactions.completed.tolist() == [1, 1, 0]
    completed = by_both.completions.toarray()[0]
    assert dict(zip(by_both.courses.handles(), completed.tolist(), strict=True)) == {
        "a": True,
        "b": True,
        "c": False,
        "elsewhere": True,
    }


ROWS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 30]),
        st.sampled_from([None, "2024-05-01", "2024-05-02", "2024-05-02T10:00:00", "1960-01-01"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 10**6).map(float),
        st.sampled_from([None, True, False]),
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_interactions_equal_the_rows_sorted_one_by_one(rows):
    ordered = sorted(rows, key=lambda row: (row[0], row[1] or ""))
    dataset = build(rows)
    found = dataset.interactions
    assert dataset.users.handles(found.users) == [row[0] for row in ordered]
    assert dataset.courses.handles(found.courses) == [row[2] for row in ordered]
    assert found.seconds.tolist() == [row[3] for row in ordered]
    assert found.completed.tolist() == [{None: -1}.get(row[4], row[4]) for row in ordered]
    for array, dtype in ((found.courses, np.int32), (found.seconds, np.float32)):
        assert array.dtype == dtype
