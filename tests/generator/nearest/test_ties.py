import subprocess
import sys

import numpy as np
import pytest

from generator.nearest.ties import TieOrder, TieRule, salts_of
from tests.datasets import make_dataset

NAMES = np.random.default_rng(0).integers(2**63, size=3000)


def orders():
    """For everybody alike, in few classes, and in more of them than twelve bits count."""
    random = np.random.default_rng(1)
    many = np.arange(20_000)
    return [
        TieOrder(NAMES),
        TieOrder(NAMES, random.integers(0, 5, len(NAMES))),
        TieOrder(many, many // 2),
    ]


@pytest.mark.parametrize("order", orders())
def test_every_entry_has_a_place_of_its_own_and_a_place_names_its_entry(order):
    entries = np.arange(order.count)
    for salt in salts_of(np.arange(5, dtype=np.uint64)):
        places = order.places(salt[None], entries)
        assert len(np.unique(places)) == order.count
        np.testing.assert_array_equal(order.entries_at(salt[None], places), entries)


def test_a_lower_class_comes_first_for_everybody():
    classes = np.random.default_rng(2).integers(-9, 4, len(NAMES))
    order = TieOrder(NAMES, classes)
    for salt in salts_of(np.arange(9, dtype=np.uint64)):
        listed = np.argsort(order.places(salt[None], np.arange(len(NAMES))))
        assert (np.diff(classes[listed]) >= 0).all()


def test_entries_whose_hashes_are_the_same_still_have_places_of_their_own():
    # 4,000 names among 2 ** 20 places of one class: some fall on the same.
    crowded = TieOrder(np.arange(4000), np.zeros(4000))
    assert len(np.unique(crowded.codes)) == 4000
    full = TieOrder(np.arange(2**13), np.zeros(2**13))
    assert (full.classes_of(full.codes) == 0).all()


def test_too_many_entries_are_refused():
    order = np.zeros(2**20 + 1, np.int64)
    with pytest.raises(ValueError, match="1,048,577 entries in 4,096 classes are more than ties"):
        TieOrder(np.arange(len(order)), order)


@pytest.mark.parametrize("classes", [None, np.zeros(len(NAMES))])
@pytest.mark.parametrize("few", [2, 30])
def test_each_of_some_entries_comes_first_about_as_often(classes, few):
    order, salts = TieOrder(NAMES, classes), salts_of(np.arange(30_000, dtype=np.uint64))
    some = np.random.default_rng(3).choice(len(NAMES), few, replace=False)
    first = order.places(salts[:, None, :], some).argmin(axis=1)
    times = np.bincount(first, minlength=few)
    np.testing.assert_allclose(times, 30_000 / few, rtol=0.15)


def test_two_subjects_order_entries_independently():
    order, salts = TieOrder(NAMES), salts_of(np.arange(200, dtype=np.uint64))
    places = order.places(salts[:, None, :], np.arange(100)).astype(np.float64)
    correlations = np.corrcoef(places)[np.triu_indices(200, 1)]
    assert abs(correlations.mean()) < 0.02
    assert abs(correlations.std() - 0.1) < 0.02


def test_the_first_buckets_hold_the_first_entries():
    order, salts = TieOrder(NAMES), salts_of(np.arange(50, dtype=np.uint64))
    buckets = order.first_buckets(salts, 64)
    of_entry = order.buckets_of(order.codes)
    for salt, best in zip(salts, buckets, strict=True):
        inside = np.flatnonzero(np.isin(of_entry, best))
        first = np.argsort(order.places(salt[None], np.arange(order.count)))[: len(inside)]
        assert set(inside) == set(first)


def make_data(users, courses=("a", "b")):
    return make_dataset(views=[(user, course, 60.0, "") for user in users for course in courses])


def places_by_handle(data, seed, subject):
    rule = TieRule(data.users.hashes, data.courses.hashes, data.viewers, seed)
    row = data.users.index_of([subject])
    ties = rule.ties("user", row, "user")
    users = np.arange(len(data.users))
    return dict(
        zip(data.users.handles(), ties.places(np.zeros(len(users), int), users), strict=True)
    )


def test_a_place_depends_on_seed_subject_and_entry_alone():
    before = places_by_handle(make_data(range(10, 60)), 1, 30)
    after = places_by_handle(make_data(range(5, 90)), 1, 30)
    assert {handle: after[handle] for handle in before} == before
    assert places_by_handle(make_data(range(10, 60)), 2, 30) != before
    assert places_by_handle(make_data(range(10, 60)), 1, 31) != before
    assert places_by_handle(make_data([f"u{i}" for i in range(9)]), 1, "u3")


def test_courses_come_by_viewers_and_user_7_is_not_course_7():
    data = make_dataset(views=[(u, c, 60.0, "") for u in range(20) for c in range(20) if c <= u])
    rule = TieRule(data.users.hashes, data.courses.hashes, data.viewers, 1)
    rows = np.array([7], np.int32)
    of_user, of_course = rule.ties("user", rows, "course"), rule.ties("course", rows, "course")
    listed = np.argsort(of_user.places(np.zeros(20, int), np.arange(20)))
    assert listed.tolist() == list(range(20))
    assert (of_user.salts != of_course.salts).any()
    everybody = rule.for_everybody("course", 3)
    assert len(np.unique(everybody.salts, axis=0)) == 1


def test_places_are_the_same_in_every_process():
    code = (
        "import numpy as np; from generator.nearest.ties import TieOrder, salts_of;"
        "print(TieOrder(np.arange(9)).places(salts_of(np.arange(1, dtype=np.uint64)),"
        " np.arange(9)).tolist())"
    )
    printed = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(2)]
    here = TieOrder(np.arange(9)).places(salts_of(np.arange(1, dtype=np.uint64)), np.arange(9))
    assert printed == [f"{here.tolist()}\n"] * 2
