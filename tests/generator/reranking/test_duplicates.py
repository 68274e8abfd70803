import numpy as np
import pytest

from generator.reranking.duplicates import Duplicates, offered_instead
from generator.reranking.rule import Given
from shared.settings import GeneratorSettings
from tests.generator.reranking.ranks import courses_named, listed_by

STANDS_FOR = np.array([0, 0, 2, 0, 2, 5], np.int32)
SETTINGS = GeneratorSettings(_env_file=None)


def data(views=()):
    return courses_named(6, views=[(user, course, 60.0, "") for user, course in views])


def rule(dataset, stands_for=STANDS_FOR):
    return Duplicates.of(Given(SETTINGS, dataset, stands_for))


def test_a_group_has_the_place_of_its_best_course_and_the_name_of_the_one_that_stands_for_it():
    dataset = data([(7, "c005")])
    scores = np.array([[0.3, 0.9, 0.5, 0.8, 0.7, 0.0]])
    assert listed_by([rule(dataset)], dataset, scores, 4).tolist() == [[0, 2, -1, -1]]


def test_who_has_seen_one_of_a_group_has_seen_it():
    dataset = data([(1, "c003"), (2, "c004"), (3, "c005")])
    scores = np.array([[0, 0.9, 0.5, 0, 0.7, 0.1], [0.3, 0.9, 0, 0.8, 0, 0], [0, 0, 0, 0, 0.2, 0]])
    assert listed_by([rule(dataset)], dataset, scores, 3).tolist() == [
        [2, 5, -1],
        [0, -1, -1],
        [2, -1, -1],
    ]


def test_a_courses_own_group_is_not_among_the_courses_like_it():
    dataset = data()
    scores = np.tile([[0.9, 0.8, 0.7, 0.6, 0.5, 0.4]], (6, 1)) * (1 - np.eye(6))
    listed = listed_by([rule(dataset)], dataset, scores, 3, "similar_courses").tolist()
    assert listed == [[2, 5, -1], [2, 5, -1], [0, 5, -1], [2, 5, -1], [0, 5, -1], [0, 2, -1]]


def test_lists_stay_full_where_a_hundred_versions_of_one_course_come_first():
    stands_for = np.where(np.arange(200) < 150, 0, np.arange(200)).astype(np.int32)
    dataset = courses_named(200)
    merging = Duplicates.of(Given(SETTINGS, dataset, stands_for))
    listed = listed_by([merging], dataset, np.arange(200.0, 0, -1)[None], 4, "similar_courses")
    assert len(set(listed[0].tolist())) == 4
    assert (listed >= 150).all()


def test_where_the_one_that_stands_for_a_group_is_not_on_offer_the_most_viewed_other_does():
    hidden = np.array([True, False, True, False, True, False])
    instead = offered_instead(STANDS_FOR, hidden, np.array([9, 1, 9, 4, 2, 0]))
    assert instead[[0, 1, 3, 5]].tolist() == [3, 3, 3, 5]


@pytest.mark.parametrize("stands_for", [None, np.arange(6, dtype=np.int32)])
def test_where_all_courses_are_unique_there_is_no_rule(stands_for):
    assert rule(data(), stands_for) is None
