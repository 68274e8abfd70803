import pytest

from generator.dataset.build import build_dataset
from generator.intake import scale_line, table_line
from shared.records import TableReport
from tests.datasets import table


def test_a_table_is_one_line_with_each_reason_and_what_first_stood_there():
    reasons = {"ts is not a date": 1200, "exact duplicate of an earlier row": 3, "u is empty": 1}
    samples = {"ts is not a date": "0 o'clock", "u is empty": ""}
    assert table_line(TableReport("views", "x.csv", 5000, 3796, reasons, samples)) == (
        '  views: 3,796 of 5,000 rows kept; set aside: 1,200 ts is not a date, as "0 o\'clock"; '
        "3 exact duplicate of an earlier row; 1 u is empty"
    )


@pytest.mark.parametrize(
    ("ratings", "declared", "line"),
    [
        ([], None, ""),
        ([1, 4, 5], (1, 5), ""),
        (
            [1, 4, 5],
            None,
            "  course_reviews: rated from 1 to 5, by the ratings themselves "
            "(RATING_SCALE declares it)",
        ),
        (
            [1, 7],
            (1, 5),
            "  course_reviews: rated from 1 to 5; 1 ratings are beyond, and count as its ends",
        ),
    ],
)
def test_it_is_said_from_what_to_what_courses_are_rated(ratings, declared, line):
    rows = [(user, "go", rating) for user, rating in enumerate(ratings)]
    reviews = table("course_reviews", "user_handle course_id rating", rows)
    dataset = build_dataset({"course_reviews": reviews}, rating_scale=declared)
    assert scale_line(dataset, is_guessed=declared is None) == line
