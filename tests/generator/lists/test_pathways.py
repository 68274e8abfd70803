"""Pathways against plain loops over each user's courses, and where there is no order to find."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from math import log

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.lists.pathways import pathways_of
from tests.datasets import table

COLUMNS = "user_handle course_id view_time_seconds view_date"
DAY = date(2026, 1, 1)


def build(sequences, dated=True):
    rows = [
        (user, course, 60.0, str(DAY + timedelta(days=day)) if dated else None)
        for user, courses in enumerate(sequences)
        for day, course in enumerate(courses)
    ]
    return build_dataset({"user_course_views": table("user_course_views", COLUMNS, rows)})


def named(data):
    return dict(zip(data.courses.handles(), pathways_of(data), strict=True))


def by_lot(users=300, courses=14):
    """By lot, but for a, b and c, which many take up one after the other, with others between."""
    random, sequences = np.random.default_rng(6), []
    for user in range(users):
        some = [f"c{course:02}" for course in random.permutation(courses)[: random.integers(3, 9)]]
        if user % 4 == 0:
            at = sorted(random.choice(len(some) + 1, 3))
            for place, course in zip(at[::-1], "zyx", strict=True):
                some.insert(place, course)
        sequences.append(some)
    return sequences


def plainly(sequences):
    """Course -> its pathways, in the plainest way."""
    went_on, pairs, triples = Counter(), Counter(), defaultdict(Counter)
    for courses in sequences:
        for i, first in enumerate(courses[:-1]):
            went_on[first] += 1
            for j in range(i + 1, min(i + 4, len(courses))):
                pairs[first, courses[j]] += 1
                for third in courses[j + 1 : j + 4]:
                    triples[first, courses[j]][third] += 1
    after_any = Counter()
    for (_, second), users in pairs.items():
        after_any[second] += users
    found = defaultdict(list)
    for (first, second), users in pairs.items():
        share = users / went_on[first]
        lift = share / (after_any[second] / sum(went_on.values()))
        if users < 10 or lift < 1.5:
            continue
        most = min(triples[first, second].items(), key=lambda of: (-of[1], of[0]), default=("", 0))
        courses, users_of_all = ([second, most[0]], most[1]) if most[1] >= 10 else ([second], users)
        path = {"courses": courses, "users": users_of_all, "share": share, "lift": lift}
        found[first].append((-users * log(lift), second, path))
    return {first: [path for *_, path in sorted(of, key=lambda o: o[:2])[:5]]
            for first, of in found.items()}  # fmt: skip


def test_they_are_those_of_plain_loops_and_the_planted_one_is_among_them():
    sequences = by_lot()
    found, expected = named(build(sequences)), plainly(sequences)
    assert found["x"][0]["courses"] == ["y", "z"]
    assert {first for first, paths in found.items() if paths} == set(expected)
    for first, paths in expected.items():
        assert [path["courses"] for path in found[first]] == [path["courses"] for path in paths]
        for path, same in zip(found[first], paths, strict=True):
            assert path["users"] == same["users"]
            assert path["share"] == pytest.approx(same["share"], abs=1e-4)
            assert path["lift"] == pytest.approx(same["lift"], abs=0.01)


def test_what_fewer_than_ten_did_is_no_pathway():
    others = [[f"o{user}", f"p{user}"] for user in range(50)]
    assert not any(named(build([["a", "b"]] * 9 + others)).values())
    assert named(build([["a", "b"]] * 10 + others))["a"] == [
        {"courses": ["b"], "users": 10, "share": 1.0, "lift": 6.0}
    ]


def test_views_of_one_time_or_without_a_date_have_no_order():
    sequences = [["a", "b"]] * 40 + [[f"o{user}", f"p{user}"] for user in range(50)]
    assert not any(named(build(sequences, dated=False)).values())
    rows = [(user, course, 60.0, str(DAY)) for user in range(40) for course in "ab"]
    same_day = build_dataset({"user_course_views": table("user_course_views", COLUMNS, rows)})
    assert not any(pathways_of(same_day))
    assert list(pathways_of(build_dataset({}))) == []
