import numpy as np

from generator.dataset.build import build_dataset
from generator.models.course_sequences import numbers_of_courses, sequences_of
from generator.networks.sequences import COURSES
from tests.datasets import table

COLUMNS = "user_handle course_id view_time_seconds level view_date"
VIEWS = [
    ("ann", "b", 60.0, "", "2026-01-01 10:00"),
    ("ann", "a", 0.0, "", "2026-01-01 10:30"),
    ("ann", "c", 180.0, "", "2026-01-01 13:00"),
    ("ann", "b", 600.0, "", "2026-01-02 10:00"),
    ("bob", "c", 0.5, "", "2242-01-01"),
    ("bob", "b", 86400.0, "", "1970-01-01"),
    ("bob", "alone", 60.0, "", "2242-01-02"),
    ("cleo", "c", 60.0, "", None),
    ("cleo", "b", 60.0, "", "2026-01-05"),
]


def dataset():
    return build_dataset({"user_course_views": table("user_course_views", COLUMNS, VIEWS)})


def of(data, sequences, user, name=COURSES):
    row = int(data.users.index_of([user])[0])
    return sequences.steps[name][sequences.offsets[row] : sequences.offsets[row + 1]].tolist()


def test_courses_are_numbered_from_1_in_their_order_if_enough_took_them_up():
    data = dataset()
    numbers = dict(zip(data.courses.handles(), numbers_of_courses(data, 2).tolist(), strict=True))
    assert numbers == {"a": 0, "alone": 0, "b": 1, "c": 2}
    everybody = numbers_of_courses(data, 1)
    assert sorted(everybody.tolist()) == [0, 1, 2, 3], "nobody spent time on one of them"


def test_a_course_is_read_where_it_was_first_taken_up_and_what_has_no_number_is_left_out():
    data = dataset()
    sequences = sequences_of(data, numbers_of_courses(data, 2), ())
    assert of(data, sequences, "ann") == [1, 2]
    assert of(data, sequences, "bob") == [1, 2]
    assert of(data, sequences, "cleo") == [2, 1]


def test_gaps_and_minutes_are_logarithms_in_halves_and_unknown_without_a_date():
    data = dataset()
    sequences = sequences_of(data, numbers_of_courses(data, 2), ("gaps", "minutes"))
    # Three hours: 1 + floor(2 * log2(4)); the first of each user has no gap.
    assert of(data, sequences, "ann", "gaps") == [0, 5]
    assert of(data, sequences, "bob", "gaps") == [0, 31], "272 years are as many as there are"
    assert of(data, sequences, "cleo", "gaps") == [0, 0]
    assert of(data, sequences, "ann", "minutes") == [3, 5]
    assert of(data, sequences, "bob", "minutes") == [1 + int(2 * np.log2(1441)), 1]
