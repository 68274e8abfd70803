from itertools import chain

import numpy as np

from generator.dataset.build import build_dataset
from generator.lists import seen as module
from generator.lists.seen import all_seen, seen_rows
from shared.records import SEEN, FactsRow
from shared.stores.dynamodb.items import item_of
from tests.datasets import make_dataset, table

VIEWS = [
    (1, "a", 60.0, "2026-03-01"),
    (1, "b", 0.0, "2026-03-02"),
    (1, "a", 60.0, "2026-03-03"),
    (1, "c", 60.0, "2026-02-01"),
    (2, "c", 60.0, "2026-02-01"),
    (3, "c", 60.0, None),
    (3, "a", 60.0, "2020-01-01"),
]


def dated():
    columns = "user_handle course_id view_time_seconds view_date"
    return build_dataset(
        {
            "user_course_views": table("user_course_views", columns, VIEWS),
            "course_completions": table(
                "course_completions", "user_handle course_id", [(1, "z"), (4, "a")]
            ),
            "course_reviews": table(
                "course_reviews", "user_handle course_id rating", [(1, "d", 5)]
            ),
            "users": table("users", "user_handle", [(9,)]),
        }
    )


def courses_by_user(dataset, users_per_block: int = 1000) -> dict:
    rows = chain.from_iterable(all_seen(dataset, users_per_block))
    return {row.subject: row.facts["courses"] for row in rows}


def test_everything_a_user_has_seen_is_there_and_the_latest_view_first():
    assert courses_by_user(dated()) == {
        1: ["a", "b", "c", "d", "z"],
        2: ["c"],
        3: ["a", "c"],
        4: ["a"],
        9: [],
    }


def test_blocks_and_the_order_of_users_change_nothing():
    dataset = dated()
    assert courses_by_user(dataset, 1) == courses_by_user(dataset)
    assert seen_rows(dataset, np.array([2, 0], np.int32)) == [
        FactsRow(SEEN, 3, {"courses": ["a", "c"]}),
        FactsRow(SEEN, 1, {"courses": ["a", "b", "c", "d", "z"]}),
    ]


def test_it_is_what_a_loop_over_the_views_finds():
    random = np.random.default_rng(3)
    views = [
        (int(random.integers(60)), int(random.integers(30)), 60.0, f"2026-{day:02}-01")
        for day in random.integers(1, 13, 900)
    ]
    columns = "user_handle course_id view_time_seconds view_date"
    dataset = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    expected: dict[int, dict[int, None]] = {}
    for user, course, _, _ in sorted(views, key=lambda view: view[3]):
        courses = expected.setdefault(user, {})
        courses.pop(course, None)
        courses[course] = None
    assert courses_by_user(dataset, 7) == {
        user: list(courses)[::-1] for user, courses in sorted(expected.items())
    }


def test_users_without_views_are_known_all_the_same():
    assert courses_by_user(make_dataset(interests=[(5, "go")])) == {5: []}


def test_long_histories_lose_what_was_seen_first(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 12)  # "a", is four bytes
    assert courses_by_user(dated()) == {
        1: ["a", "b", "c"],
        2: ["c"],
        3: ["a", "c"],
        4: ["a"],
        9: [],
    }


def test_no_history_is_too_long_for_dynamodb():
    long = [f"{number:04}{'é' * 250}" for number in range(2000)]
    dataset = make_dataset(views=[(1, course, 60.0, "") for course in long])
    (row,) = seen_rows(dataset, np.array([0], np.int32))
    item_of(((row.section, row.subject), row.to_json()))
    assert 250_000 < len(row.to_json()) < 310_000
    assert row.facts["courses"] == long[::-1][: len(row.facts["courses"])]


def test_what_is_listed_in_the_place_of_a_course_is_seen_with_it():
    dataset = dated()
    listed_for = np.arange(len(dataset.courses), dtype=np.int32)
    listed_for[dataset.courses.index_of(["a", "c"])] = dataset.courses.index_of(["b", "z"])
    rows = chain.from_iterable(all_seen(dataset, 1000, listed_for))
    assert {row.subject: row.facts["courses"] for row in rows} == {
        1: ["a", "b", "c", "z", "d"],
        2: ["c", "z"],
        3: ["a", "b", "c", "z"],
        4: ["a", "b"],
        9: [],
    }
