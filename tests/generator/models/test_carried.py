from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.models.carried import Carried
from shared.errors import ModelError
from tests.datasets import make_dataset


def views_of(pairs: dict) -> list:
    return [(user, course, seconds, "") for (user, course), seconds in pairs.items()]


BEFORE = {(2, "a"): 60.0, (2, "b"): 0.0, (4, "a"): 60.0, (6, "b"): 60.0, (8, "a"): 60.0}


def test_what_was_learned_of_a_course_goes_where_the_course_is_now():
    old = make_dataset(views=views_of(BEFORE))
    new = make_dataset(views=views_of(BEFORE), courses=["A new one", "aa"])
    carried = Carried(old, new)
    assert new.courses.handles() == ["A new one", "a", "aa", "b"]
    assert carried.by_course(np.array([1.0, 2.0]), -1).tolist() == [-1, 1, -1, 2]
    assert carried.by_course(np.array([[1.0, 5.0], [2.0, 6.0]]), 0).tolist() == [
        [0, 0],
        [1, 5],
        [0, 0],
        [2, 6],
    ]
    rows = carried.rows_of_courses(sp.csr_matrix([[0, 7.0], [8.0, 9.0]]))
    assert rows.toarray().tolist() == [[0, 0], [0, 7], [0, 0], [8, 9]]
    between = carried.between_courses(sp.csr_matrix([[0, 7.0], [8.0, 9.0]]))
    assert between.toarray().tolist() == [[0] * 4, [0, 0, 0, 7], [0] * 4, [0, 8, 0, 9]]


def test_what_was_learned_of_a_tag_that_is_gone_goes_with_it():
    old, new = make_dataset([(1, "x"), (1, "y")]), make_dataset([(1, "w"), (1, "y")])
    assert Carried(old, new).by_tag(np.array([1.0, 2.0]), 9).tolist() == [9, 2]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({}, []),
        ({(2, "b"): 1.0}, [2]),
        ({(4, "b"): 0.0}, [4]),
        ({(5, "a"): 60.0}, [5]),
        ({(1, "b"): 0.0, (8, "new"): 5.0}, [1, 8]),
    ],
)
def test_users_with_other_views_than_before_are_found(change, changed):
    old = make_dataset(views=views_of(BEFORE))
    new = make_dataset(views=views_of(BEFORE | change), users=[7])
    found = Carried(old, new).changed_users(old.view_seconds, new.view_seconds)
    assert new.users.handles(np.flatnonzero(found).astype(np.int32)) == changed


def test_another_course_instead_is_a_change_and_a_user_who_is_gone_is_none():
    old = make_dataset(views=views_of(BEFORE))
    after = {(2, "a"): 60.0, (2, "b"): 0.0, (4, "b"): 60.0, (6, "b"): 60.0}
    new = make_dataset(views=views_of(after))
    found = Carried(old, new).changed_users(old.view_seconds, new.view_seconds)
    assert found.tolist() == [False, True, False]


def test_a_course_that_is_gone_is_an_error_with_its_name():
    old = make_dataset(views=views_of(BEFORE))
    new = replace(old, courses=make_dataset(courses=["a"]).courses)
    with pytest.raises(ModelError, match=r"1 courses are gone .* 'b'; fit it again"):
        Carried(old, new)
