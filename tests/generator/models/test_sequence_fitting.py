"""What options make of how much data there is."""

import pytest

from generator.models.sequence_fitting import SequenceOptions


@pytest.mark.parametrize(
    ("options", "views", "passes"),
    [
        ({}, 0, 20),
        ({}, 1_000_000, 20),
        ({}, 2_027_726, 9),
        ({}, 30_000_000, 1),
        ({"epochs": 3}, 2_027_726, 3),
        ({"most_views": 10}, 4, 2),
    ],
)
def test_much_data_is_read_fewer_times_so_that_a_night_is_enough(options, views, passes):
    assert SequenceOptions(**options).passes_over(views) == passes


def test_courses_rest_where_there_are_many_and_not_each_is_scored():
    assert SequenceOptions().rows_rest_over(50_000)
    assert not SequenceOptions().rows_rest_over(49_999)
    assert not SequenceOptions(loss="softmax").rows_rest_over(50_000)
