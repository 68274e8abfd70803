import numpy as np

from generator.dataset.take_ups import take_ups
from tests.datasets import make_dataset


def test_courses_that_are_left_out_count_in_nobodys_order():
    views = [(1, course, 60.0, "") for course in "abca"] + [(2, "b", 60.0, ""), (3, "c", 60.0, "")]
    dataset = make_dataset(views=views)
    taken = take_ups(dataset.interactions, 3)
    assert taken.courses.tolist() == [0, 1, 2, 1, 2]
    assert taken.ages.tolist() == [2, 1, 0, 0, 0]
    kept = taken.of_courses(np.array([True, False, True]))
    assert kept.users.tolist() == [0, 0, 2]
    assert kept.courses.tolist() == [0, 2, 2]
    assert kept.ages.tolist() == [1, 0, 0]
    assert kept.matrix((3, 3)).toarray().tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 1]]


def test_views_of_no_time_are_no_take_ups_and_nobody_may_be_left():
    dataset = make_dataset(views=[(1, "a", 0.0, ""), (1, "b", 60.0, "")])
    taken = take_ups(dataset.interactions, 2)
    assert taken.courses.tolist() == [1]
    assert not len(taken.of_courses(np.array([True, False])).ages)
