from collections import defaultdict

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.validation.tables import raw_table


def build(**tables: list[tuple[str, ...]]) -> Dataset:
    raws = {name: raw_table(name, rows) for name, rows in tables.items()}
    return build_dataset(validate_tables(raws).tables)


def cells(matrix: sp.csr_matrix, rows, columns) -> dict:
    """(row handle, column handle) -> stored entry, zeros included."""
    found = matrix.tocoo()
    return {
        (rows.handles()[i], columns.handles()[j]): entry
        for i, j, entry in zip(found.row, found.col, found.data.tolist(), strict=True)
    }


def views(*rows: tuple[str, str, str, str, str]) -> list[tuple[str, ...]]:
    """user, date, course, level, seconds"""
    return [(user, date, course, "", level, seconds) for user, date, course, level, seconds in rows]


def test_users_and_courses_of_every_table_are_known():
    dataset = build(
        user_interests=[("3", "go", "")],
        user_course_views=views(("2", "", "b", "", "5")),
        user_assessment_scores=[("1", "go", "", "100")],
        course_tags=[("a", "go"), ("c", "")],
    )
    assert dataset.users.handles() == [1, 2, 3]
    assert dataset.courses.handles() == ["a", "b", "c"]
    assert dataset.interests.toarray().tolist() == [[0], [0], [1]]
    assert dataset.course_tags.toarray().tolist() == [[1], [0], [0]]


def test_tags_of_users_and_of_courses_share_one_vocabulary():
    dataset = build(
        user_interests=[("1", "C++", ""), ("1", ".NET", "")],
        user_assessment_scores=[("1", "c-plus-plus", "", "9")],
        course_tags=[("a", "c++"), ("a", "rust")],
    )
    assert dataset.tags.handles() == [".net", "c++", "c-plus-plus", "rust"]


def test_following_a_tag_five_times_is_following_it():
    many = [
        ("7", tag, f"2024-05-0{day}") for day, tag in enumerate(["sec", "Sec", "sec", "SEC"], 1)
    ]
    once, often = build(user_interests=many[:1]), build(user_interests=many + many)
    assert (once.interests != often.interests).nnz == 0
    assert often.interests.data.tolist() == [1]


def test_view_times_of_a_pair_are_added_up_and_a_zero_is_still_seen():
    dataset = build(
        user_course_views=views(
            ("1", "", "a", "", "10"), ("1", "2024-05-01", "a", "", "2.5"), ("1", "", "b", "", "0")
        )
    )
    assert cells(dataset.view_seconds, dataset.users, dataset.courses) == {
        (1, "a"): 12.5,
        (1, "b"): 0,
    }
    assert dataset.seen.toarray().tolist() == [[True, True]]


def test_the_level_of_a_pair_is_the_last_filled_one():
    dataset = build(
        user_course_views=views(
            ("1", "2024-05-02", "by-date", "Hard", "1"),
            ("1", "2024-05-01", "by-date", "Easy", "1"),
            ("1", "2024-05-03", "by-date", "", "1"),
            ("1", "2024-05-01", "by-row", "Easy", "1"),
            ("1", "2024-05-01", "by-row", "HARD", "1"),
            ("1", "2024-05-01", "dated-wins", "Easy", "1"),
            ("1", "", "dated-wins", "Hard", "1"),
            ("1", "2024-05-01", "no-level", " ", "1"),
        )
    )
    levels = dataset.levels.handles()
    assert levels == ["easy", "hard"]
    stored = cells(dataset.viewed_levels, dataset.users, dataset.courses)
    assert {course: levels[entry - 1] for (_, course), entry in stored.items()} == {
        "by-date": "hard",
        "by-row": "hard",
        "dated-wins": "easy",
    }


def test_tables_may_be_missing():
    dataset = build(course_tags=[("a", "go")])
    assert dataset.available == {"course_tags"}
    assert dataset.view_seconds.shape == (0, 1)
    assert build_dataset({}).available == frozenset()


def test_level_indices_that_do_not_fit_are_refused():
    fitting = [("1", "", f"c{n}", f"level {n}", "1") for n in range(127)]
    assert build(user_course_views=views(*fitting)).viewed_levels.max() == 127
    with pytest.raises(DataError, match="128 different levels"):
        build(user_course_views=views(*fitting, ("1", "", "c", "one more", "1")))


VIEWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "30", "4"]),
        st.sampled_from(["", "2024-05-01", "2024-05-02", "2024-05-02 10:00:00"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["", "Easy", "easy", "Hard"]),
        st.integers(0, 10**6).map(str),
    ),
    unique=True,
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(VIEWS)
def test_matrices_of_views_equal_what_a_loop_over_the_rows_finds(rows):
    seconds: dict = defaultdict(float)
    levels: dict = {}
    for user, _, course, _, time in rows:
        seconds[int(user), course] += float(time)
    for user, _, course, level, _ in sorted(rows, key=lambda row: f"{row[1]:<19}"):
        if level:
            levels[int(user), course] = level.lower()
    dataset = build(user_course_views=views(*rows))
    found = cells(dataset.view_seconds, dataset.users, dataset.courses)
    assert found == {pair: np.float32(total) for pair, total in seconds.items()}
    stored = cells(dataset.viewed_levels, dataset.users, dataset.courses)
    names = dataset.levels.handles()
    assert {pair: names[entry - 1] for pair, entry in stored.items()} == levels
    for matrix, dtype in ((dataset.view_seconds, np.float32), (dataset.viewed_levels, np.int8)):
        assert matrix.dtype == dtype
        assert matrix.has_sorted_indices
        assert matrix.has_canonical_format
