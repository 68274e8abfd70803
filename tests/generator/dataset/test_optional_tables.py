"""What the optional tables become, and what they do where they are all there is."""

from typing import get_args

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset, Input
from tests.datasets import table
from tests.planted import plant_tribes

VIEWS = [(1, "go", 60.0), (2, "go", 30.0)]


def build(**tables: tuple[str, list[tuple]]) -> Dataset:
    """NAME=(columns, rows)"""
    return build_dataset({name: table(name, *cells) for name, cells in tables.items()})


def test_courses_and_users_of_the_optional_tables_alone_are_known():
    dataset = build(
        user_course_views=("user_handle course_id view_time_seconds", VIEWS),
        courses=("course_id", [("new course",)]),
        users=("user_handle", [(3,)]),
        course_reviews=("user_handle course_id", [(4, "reviewed alone")]),
        course_completions=("user_handle course_id", [(5, "completed alone")]),
    )
    assert dataset.users.handles() == [1, 2, 3, 4, 5]
    assert dataset.courses.handles() == ["completed alone", "go", "new course", "reviewed alone"]
    assert dataset.view_seconds.shape == dataset.seen.shape == (5, 4)
    assert dataset.viewers.tolist() == [0, 2, 0, 0]


def test_texts_stand_in_the_order_of_courses():
    dataset = build(
        course_tags=("course_id course_tags", [("a", "x"), ("c", "y")]),
        courses=(
            "course_id title description image_path",
            [("b", "B", "About b.", "b.png"), ("c", "Old", None, None), ("c", "New", None, None)],
        ),
    )
    assert list(dataset.texts.titles) == ["", "B", "New"]
    assert dataset.texts.joined == ["", "B\nAbout b.", "New"]
    assert len(dataset.texts) == 2
    assert list(dataset.image_paths) == ["", "b.png", ""]


def test_of_several_scores_in_a_tag_the_last_by_date_counts_and_zero_is_a_score():
    columns = "user_handle assessment_tag user_assessment_date user_assessment_score"
    dataset = build(
        user_assessment_scores=(
            columns,
            [
                (1, "go", "2026-02-01", 50),
                (1, "go", "2026-01-01", 90),
                (1, "go", None, 70),
                (1, "sql", "2026-01-01", 10),
                (1, "sql", "2026-01-01", 0),
            ],
        )
    )
    scores, times = dataset.assessments, dataset.assessment_times
    assert times.astype("datetime64[us]").astype(str).tolist() == [
        "2026-02-01T00:00:00.000000",
        "2026-01-01T00:00:00.000000",
    ]
    assert scores.toarray().tolist() == [[50, 0]]
    assert scores.nnz == 2
    assert scores.dtype == np.float32


def test_the_last_rating_counts_and_texts_keep_their_rows():
    dataset = build(
        course_reviews=(
            "user_handle course_id review_date rating review_text",
            [
                (1, "a", "2026-02-01", 5, "Good."),
                (1, "a", "2026-01-01", 1, None),
                (1, "b", None, None, "No stars."),
            ],
        )
    )
    assert dataset.ratings.toarray().tolist() == [[5, 0]]
    assert dataset.ratings.nnz == 1
    assert list(dataset.reviews.texts) == ["Good.", "", "No stars."]
    np.testing.assert_array_equal(dataset.reviews.ratings, [5, 1, np.nan])
    assert dataset.seen.toarray().tolist() == [[True, True]], "a review says that it was seen"


def test_what_was_completed_elsewhere_is_seen():
    dataset = build(
        user_course_views=("user_handle course_id view_time_seconds", VIEWS),
        course_completions=("user_handle course_id", [(1, "rust")]),
    )
    assert dataset.seen.toarray().tolist() == [[True, True], [True, False]]
    assert dataset.seen.has_canonical_format


def test_every_input_has_a_size_and_is_available_exactly_if_it_holds_anything():
    full, empty = plant_tribes().dataset, build_dataset({})
    assert full.available == set(get_args(Input))
    assert empty.available == frozenset()
    for need in get_args(Input):
        assert full.entries(need) > 0 == empty.entries(need)
        assert full.bytes(need) > full.entries(need)


@pytest.mark.parametrize("need", ["interests", "views", "interactions"])
def test_the_size_of_an_input_is_that_of_its_arrays(need):
    dataset = plant_tribes().dataset
    matrix = {"interests": dataset.interests, "views": dataset.view_seconds}.get(need)
    if matrix is None:
        assert dataset.entries(need) == len(dataset.interactions.seconds)
        assert dataset.bytes(need) == 17 * len(dataset.interactions) + 8 * (len(dataset.users) + 1)
    else:
        assert dataset.entries(need) == matrix.nnz
        assert dataset.bytes(need) == 8 * matrix.nnz + 4 * (len(dataset.users) + 1)
