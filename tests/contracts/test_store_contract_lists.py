"""What every backend of the store must do, part two: the lists come back as they went in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import GenerationDamaged
from shared.records import (
    DIRECTORY_START,
    INT64_MAX,
    MAX_HANDLE_CHARACTERS,
    USER_DIRECTORY,
    USER_PROFILE,
    ListReasons,
    UserLists,
    is_handle,
)
from tests.generations import MODEL, TENANT, build, lists_of, publish

ODD_HANDLES = [
    0,
    -1,
    INT64_MAX,
    -INT64_MAX - 1,
    "0",
    " ",
    "a b",
    "it's",
    'say "hi"',
    "back\\slash",
    "semi;colon--",
    "a:b/c|d#e?f&g%20",
    "#" + "0" * 64,
    "null",
    "ada@example.org",
    "Ädä",
    "A\u0308da\u0308",
    "学习者",
    "👩‍🎓",
    "\u202eabc",
    "tab\tnewline\nnul\0",
    "x" * MAX_HANDLE_CHARACTERS,
    "👩" * MAX_HANDLE_CHARACTERS,
    "\x01" * MAX_HANDLE_CHARACTERS,
]

handles = st.one_of(
    st.integers(-INT64_MAX - 1, INT64_MAX),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
scores = st.floats(allow_nan=False, allow_infinity=False)
ranked = st.lists(st.tuples(handles, scores), max_size=8)


@st.composite
def user_lists(draw):
    """Lists of distinct users, each with entries and scores of equal number."""
    found = []
    for user in draw(st.lists(handles, min_size=1, max_size=10, unique=True)):
        users, courses = draw(ranked), draw(ranked)
        found.append(
            UserLists(
                user,
                MODEL,
                [handle for handle, _ in users],
                [score for _, score in users],
                [handle for handle, _ in courses],
                [score for _, score in courses],
            )
        )
    return found


def test_a_user_or_a_model_without_lists_is_left_out(store):
    generation = publish(store, [lists_of(1), lists_of(2), lists_of(2, "other")])
    assert store.get(TENANT, generation, MODEL, 3) is None
    assert store.get(TENANT, generation, "other", 1) is None
    assert store.get(TENANT, generation, "unheard_of", 1) is None
    assert store.get_many(TENANT, generation, MODEL, []) == {}
    assert store.get_many(TENANT, generation, "unheard_of", [1, 2]) == {}
    assert store.get_many(TENANT, generation, "other", [3, 2, 1, 2]) == {2: lists_of(2, "other")}


def test_an_integer_and_its_digits_are_two_users(store):
    number, text = lists_of(999, courses=["number"]), lists_of("999", courses=["text", 999, "999"])
    generation = publish(store, [number, text])
    assert store.get(TENANT, generation, MODEL, 999) == number
    assert store.get(TENANT, generation, MODEL, "999") == text
    found = store.get_many(TENANT, generation, MODEL, [999, "999"])
    assert found == {999: number, "999": text}
    assert {type(handle) for handle in found} == {int, str}


def test_odd_handles_of_users_and_courses_stay_themselves(store):
    assert all(is_handle(handle) for handle in ODD_HANDLES)
    lists = [lists_of(handle, courses=[handle, "x"]) for handle in ODD_HANDLES]
    generation = publish(store, lists)
    assert store.get_many(TENANT, generation, MODEL, ODD_HANDLES) == dict(
        zip(ODD_HANDLES, lists, strict=True)
    )
    for one in lists:
        assert store.get(TENANT, generation, MODEL, one.user_handle) == one


def test_empty_lists_are_lists(store):
    empty = UserLists(7, MODEL)
    generation = publish(store, [empty])
    assert store.get(TENANT, generation, MODEL, 7) == empty


def test_scores_come_back_to_the_last_bit(store):
    exact = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -1e-9, 0.30000001192092896, 1.0]
    one = UserLists("u", MODEL, list(range(7)), exact, list("abcdefg"), exact[::-1])
    generation = publish(store, [one])
    found = store.get(TENANT, generation, MODEL, "u")
    assert [score.hex() for score in found.similar_user_scores] == [s.hex() for s in exact]
    assert found == one


def test_more_rows_than_any_batch_holds(store):
    users = [*range(-1100, 0), *map(str, range(1100))]
    manifest = build(store, (lists_of(user, courses=[user]) for user in users))
    assert manifest.list_counts == {MODEL: 2200}
    store.publish(manifest)
    found = store.get_many(TENANT, manifest.generation, MODEL, [*users, "absent", 5])
    assert {user: lists.courses for user, lists in found.items()} == {u: [u] for u in users}


def test_writing_takes_any_iterable_and_says_how_many(store):
    generation = store.begin(TENANT)
    assert store.write(TENANT, generation, (lists_of(user) for user in range(1001))) == 1001
    assert store.write(TENANT, generation, []) == 0
    assert store.write(TENANT, generation, iter([lists_of(1, "other")])) == 1


@pytest.mark.parametrize("apart", [0, 1500], ids=["in one batch", "in two batches"])
def test_two_lists_for_one_user_and_model_are_never_published(store, apart):
    lists = [lists_of(1), *map(lists_of, range(2, 2 + apart)), lists_of(1, courses=["c"])]
    with pytest.raises(GenerationDamaged):
        publish(store, lists)
    assert store.live(TENANT) is None


def test_threads_write_into_one_generation_together(store):
    generation = store.begin(TENANT)

    def write(part):
        users = range(part * 100, part * 100 + 100)
        return store.write(TENANT, generation, [lists_of(user, courses=[user]) for user in users])

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(write, range(6))) == 600
    manifest = store.manifest(TENANT, generation)
    manifest.list_counts = {MODEL: 600}
    store.publish(manifest, [lists_of(user, courses=[user]) for user in range(0, 600, 50)])


def test_threads_read_two_generations_at_once(store):
    generations = [
        publish(store, [lists_of(user, courses=[name]) for user in range(40)])
        for name in ("first", "second")
    ]

    def read(turn):
        user, which = turn % 40, turn % 2
        one = store.get(TENANT, generations[which], MODEL, user)
        many = store.get_many(TENANT, generations[1 - which], MODEL, range(user, 40))
        return one.courses, {tuple(lists.courses) for lists in many.values()}, len(many)

    with ThreadPoolExecutor(8) as threads:
        for turn, answer in enumerate(threads.map(read, range(160))):
            names = ["first", "second"] if turn % 2 == 0 else ["second", "first"]
            assert answer == (names[:1], {(names[1],)}, 40 - turn % 40)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lists=user_lists())
def test_whatever_lists_go_in_come_out(store, lists):
    generation = publish(store, lists)
    by_user = {one.user_handle: one for one in lists}
    assert store.get_many(TENANT, generation, MODEL, list(by_user)) == by_user


def test_reasons_and_facts_come_back_as_they_went_in(store):
    reasons = ListReasons(["c++", 7, "学习者"], [60, 0, 5], [[3, 0, 50, 120, 2, 30, 9], [0]])
    rows = [
        UserLists("ada", MODEL, [1, 2], [0.5, 0.25], similar_user_reasons=reasons),
        UserLists("ada", USER_PROFILE, facts={"interests": ["c++"], "levels": [["beginner", 2]]}),
        UserLists(DIRECTORY_START, USER_DIRECTORY, facts={"starts": ["ada", "Ädä"]}),
        UserLists(0, USER_DIRECTORY, facts={"handles": ["ada", "Ädä"]}),
    ]
    generation = publish(store, rows)
    for row in rows:
        assert store.get(TENANT, generation, row.model_handle, row.user_handle) == row
