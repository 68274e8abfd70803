import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.rating_scale import RatingScale, guessed_scale
from tests.datasets import table

STARS = [5, 4, 5, 1, 3, 2, 5] * 200


@pytest.mark.parametrize(
    ("ratings", "ends"),
    [
        ([], (1, 5)),
        (STARS, (1, 5)),
        ([*STARS, 50], (1, 5)),  # a slip of the pen
        ([*STARS, -7], (1, 5)),
        ([0.5, 4.5, 3, 5], (0.5, 5)),
        ([0, 3, 5], (0, 5)),
        ([5, 5, 4], (1, 5)),  # nobody was displeased
        ([7, 10, 3], (1, 10)),
        ([0, 10], (0, 10)),
        ([80, 95, 40], (0, 100)),
        ([0, 1, 1], (0, 1)),
        ([-1, 1, 1], (-1, 1)),
        ([1, 1], (0, 1)),
        ([200, 1000], (0, 1000)),
    ],
)
def test_a_scale_is_told_from_the_ratings(ratings, ends):
    scale = guessed_scale(np.array(ratings, np.float32))
    assert (scale.low, scale.high) == ends


def test_the_middle_of_the_scale_says_nothing_and_its_bottom_that_it_was_no_good():
    ratings = np.array([1, 2, 3, 4, 5, 50, -3], np.float32)
    assert RatingScale(1, 5).endorsements(ratings).tolist() == [0, 0.5, 1, 1.5, 2, 2, 0]
    assert RatingScale(1, 5).beyond(ratings) == 2


def test_a_scale_is_declared_or_guessed_from_everybodys_last_ratings():
    rows = [(1, "go", 5), (2, "go", 3)]
    tables = {"course_reviews": table("course_reviews", "user_handle course_id rating", rows)}
    assert build_dataset(tables).rating_scale == RatingScale(1, 5)
    assert build_dataset(tables, rating_scale=(0, 10)).rating_scale == RatingScale(0, 10)
