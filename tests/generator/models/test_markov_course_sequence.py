from collections import defaultdict
from math import sqrt

import numpy as np
import pytest

from generator.models.markov_course_sequence import MarkovCourseSequence
from generator.models.popular_course_view import PopularCourseView
from shared.errors import SettingsError
from tests.planted_orders import COURSES, chain, dated, share_of_next_courses_found, views_of


def random_orders(users=30, seed=5):
    random = np.random.default_rng(seed)
    return {
        user: [f"c{c:02}" for c in random.permutation(COURSES)[: random.integers(2, 12)]]
        for user in range(users)
    }


def test_scores_are_those_of_the_formula_counted_one_by_one():
    orders = random_orders()
    config = {"window": 4, "last": 3, "shrink": 2.0, "popularity_damping": 0.4}
    model = MarkovCourseSequence(**config).fit(dated(views_of(orders)))
    counts, rows, columns = defaultdict(float), defaultdict(float), defaultdict(float)
    for courses in orders.values():
        for place, before in enumerate(courses):
            for steps, after in enumerate(courses[place + 1 : place + 5]):
                counts[before, after] += 0.8**steps
                rows[before] += 0.8**steps
                columns[after] += 0.8**steps
    names = model.dataset.courses.handles()
    for user, taken in orders.items():
        expected = {
            course: sum(
                0.7**age * counts[own, course] / (rows[own] + 2) / columns[course] ** 0.4
                for age, own in enumerate(reversed(taken[-3:]))
                if counts[own, course]
            )
            for course in set(names) - set(taken)
        }
        (row,) = model.dataset.users.index_of([user])
        indices, scores = (part[0] for part in model.recommend([row], COURSES))
        listed = {names[i]: s for i, s in zip(indices, scores, strict=True) if i >= 0}
        assert listed == pytest.approx({c: s for c, s in expected.items() if s > 0}, abs=2e-6)
        known = sorted(listed)
        asked = [model.dataset.courses.index_of(known)]
        assert model.score([row], asked)[0] == pytest.approx([expected[c] for c in known], abs=2e-6)


def test_courses_are_similar_that_are_taken_up_near_each_other_in_either_order():
    orders = random_orders(seed=8)
    model = MarkovCourseSequence(window=3, shrink=1.0).fit(dated(views_of(orders)))
    together, sums = defaultdict(float), defaultdict(float)
    for courses in orders.values():
        for place, before in enumerate(courses):
            for steps, after in enumerate(courses[place + 1 : place + 4]):
                for pair in ((before, after), (after, before)):
                    together[pair] += 0.8**steps
                    sums[pair[0]] += 0.8**steps
    names = model.dataset.courses.handles()
    top = model.similar_courses(range(len(names)), COURSES)
    for course, indices, scores in zip(names, *top, strict=True):
        listed = {names[i]: s for i, s in zip(indices, scores, strict=True) if i >= 0}
        expected = {
            other: together[course, other] / sqrt((sums[course] + 1) * (sums[other] + 1))
            for other in names
            if together[course, other]
        }
        assert listed == pytest.approx(expected, abs=2e-6)


def test_the_next_course_is_found_where_order_decides_and_by_chance_where_it_does_not():
    assert share_of_next_courses_found(MarkovCourseSequence, chain(0.95)) > 0.85
    assert share_of_next_courses_found(MarkovCourseSequence, chain(0.0)) < 0.3


def test_what_it_knows_is_the_order_and_not_the_courses():
    orders = chain(0.95)
    assert share_of_next_courses_found(MarkovCourseSequence, orders, n=1) > 0.8
    assert share_of_next_courses_found(MarkovCourseSequence, orders, n=1, shuffled=True) < 0.6


def test_dates_decide_the_order_and_not_the_rows_of_the_table():
    views = views_of(chain(0.9, users=60))
    mixed = [views[i] for i in np.random.default_rng(2).permutation(len(views))]
    in_order, out_of_order = (
        MarkovCourseSequence().fit(dated(rows)).recommend(range(60), 5) for rows in (views, mixed)
    )
    np.testing.assert_array_equal(in_order.indices, out_of_order.indices)
    np.testing.assert_array_equal(in_order.scores, out_of_order.scores)


def test_a_course_that_is_viewed_again_and_again_was_taken_up_once():
    orders = chain(0.9, users=60)
    again = {user: list(np.repeat(courses, 3)) for user, courses in orders.items()}
    once, often = (
        MarkovCourseSequence().fit(dated(views_of(of_users))).recommend(range(60), 5)
        for of_users in (orders, again)
    )
    np.testing.assert_array_equal(once.indices, often.indices)


def test_a_course_that_was_opened_and_left_says_nothing_and_is_not_recommended():
    views = views_of({user: ["a", "b", "c"] for user in range(9)})
    views += views_of({100: ["a"], 101: ["x"]}) + views_of({100: ["b"]}, seconds=0.0)
    model = MarkovCourseSequence().fit(dated(views))
    hundred, alone = model.dataset.users.index_of([100, 101])
    (c,) = model.dataset.courses.index_of(["c"])
    assert model.recommend([hundred], 3).indices.tolist() == [[c, -1, -1]]
    assert alone not in model.known_users()


def test_the_reasons_are_the_last_courses_by_what_they_add():
    views = views_of({user: ["a", "b", "c"] for user in range(30)} | {99: ["x", "a", "b"]})
    model = MarkovCourseSequence(shrink=0.0).fit(dated(views))
    (user,) = model.dataset.users.index_of([99])
    listed = model.recommend([user], 1).indices
    reasons = model.reasons("recommendations", [user], listed)
    named = model.dataset.courses.handles(reasons.indices[0, 0, :2])
    # c follows on b at once, on a after one more course; b was taken up last.
    assert named == ["b", "a"]
    assert reasons.shares[0, 0, 0] > reasons.shares[0, 0, 1] > 0


def test_a_catalogue_of_two_courses_and_a_user_of_twenty_thousand_are_read():
    two = dated(views_of({1: ["a", "b"], 2: ["a"]}))
    model = MarkovCourseSequence().fit(two)
    (user,) = two.users.index_of([2])
    assert two.courses.handles(model.recommend([user], 1).indices[0]) == ["b"]
    many = [f"c{course}" for course in range(20_000)]
    model = MarkovCourseSequence().fit(dated(views_of({1: many, 2: many[:2]})))
    (user,) = model.dataset.users.index_of([2])
    assert (model.recommend([user], 20).indices >= 0).sum() == 10


@pytest.mark.parametrize("option", [{"window": 0}, {"last_decay": 0.0}, {"shrink": -1.0}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        MarkovCourseSequence(**option)


def test_it_beats_what_is_popular_where_order_decides():
    orders = chain(0.8)
    dataset = dated(views_of({user: c[:-1] for user, c in orders.items() if c[2:]}))
    held_out = dataset.courses.index_of([c[-1] for c in orders.values() if c[2:]])
    found = [
        (model.fit(dataset).recommend(range(len(dataset.users)), 3).indices == held_out[:, None])
        .any(axis=1)
        .mean()
        for model in (MarkovCourseSequence(), PopularCourseView())
    ]
    assert found[0] > 2 * found[1]
