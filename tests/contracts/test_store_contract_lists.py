"""What every backend of the store must do, part two: the lists come back as they went in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import GenerationDamaged
from shared.kinds import KINDS
from shared.records import (
    COURSE_FACTS,
    DIRECTORY_START,
    INT64_MAX,
    MAX_HANDLE_CHARACTERS,
    SEEN,
    USER_DIRECTORY,
    USER_PROFILE,
    FactsRow,
    ListReasons,
    ListRow,
    is_handle,
)
from tests.generations import (
    MODEL,
    TENANT,
    build,
    key_of,
    publish,
    row_of,
    section_of,
    similar_courses,
    similar_users,
)

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
def list_rows(draw):
    """Rows of distinct kinds and subjects, each with entries and scores of equal number."""
    subjects = draw(st.lists(handles, min_size=1, max_size=10, unique=True))
    return [
        ListRow(kind, subject, MODEL, [h for h, _ in entries], [score for _, score in entries])
        for subject in subjects
        for kind in draw(st.sets(st.sampled_from(list(KINDS)), min_size=1))
        for entries in [draw(ranked)]
    ]


def test_a_user_or_a_model_without_lists_is_left_out(store):
    generation = publish(store, [row_of(1), row_of(2), row_of(2, "other")])
    assert store.get(TENANT, generation, key_of(3)) is None
    assert store.get(TENANT, generation, key_of(1, "other")) is None
    assert store.get(TENANT, generation, key_of(1, "unheard_of")) is None
    assert store.get_many(TENANT, generation, []) == {}
    assert store.get_many(TENANT, generation, [key_of(u, "unheard_of") for u in (1, 2)]) == {}
    assert store.get_many(TENANT, generation, [key_of(u, "other") for u in (3, 2, 1, 2)]) == {
        key_of(2, "other"): row_of(2, "other")
    }


def test_an_integer_and_its_digits_are_two_users(store):
    number, text = row_of(999, courses=["number"]), row_of("999", courses=["text", 999, "999"])
    generation = publish(store, [number, text])
    assert store.get(TENANT, generation, key_of(999)) == number
    assert store.get(TENANT, generation, key_of("999")) == text
    found = store.get_many(TENANT, generation, [key_of(999), key_of("999")])
    assert found == {key_of(999): number, key_of("999"): text}
    assert {type(subject) for _, subject in found} == {int, str}


def test_odd_handles_of_users_and_courses_stay_themselves(store):
    assert all(is_handle(handle) for handle in ODD_HANDLES)
    lists = [row_of(handle, courses=[handle, "x"]) for handle in ODD_HANDLES]
    generation = publish(store, lists)
    keys = [key_of(handle) for handle in ODD_HANDLES]
    assert store.get_many(TENANT, generation, keys) == dict(zip(keys, lists, strict=True))
    for one in lists:
        assert store.get(TENANT, generation, key_of(one.subject)) == one


def test_empty_lists_are_lists(store):
    empty = ListRow("recommendations", 7, MODEL)
    generation = publish(store, [empty])
    assert store.get(TENANT, generation, key_of(7)) == empty


def test_scores_come_back_to_the_last_bit(store):
    exact = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -1e-9, 0.30000001192092896, 1.0]
    one = ListRow("recommendations", "u", MODEL, list(range(7)), exact)
    generation = publish(store, [one])
    found = store.get(TENANT, generation, key_of("u"))
    assert [score.hex() for score in found.scores] == [s.hex() for s in exact]
    assert found == one


def test_more_rows_than_any_batch_holds(store):
    users = [*range(-1100, 0), *map(str, range(1100))]
    manifest = build(store, (row_of(user, courses=[user]) for user in users))
    assert manifest.row_counts == {section_of(): 2200}
    store.publish(manifest)
    keys = [key_of(user) for user in [*users, "absent", 5]]
    found = store.get_many(TENANT, manifest.generation, keys)
    assert {row.subject: row.entries for row in found.values()} == {u: [u] for u in users}


def test_writing_takes_any_iterable_and_says_how_many(store):
    generation = store.begin(TENANT)
    assert store.write(TENANT, generation, (row_of(user) for user in range(1001))) == 1001
    assert store.write(TENANT, generation, []) == 0
    assert store.write(TENANT, generation, iter([row_of(1, "other")])) == 1


@pytest.mark.parametrize("apart", [0, 1500], ids=["in one batch", "in two batches"])
def test_two_lists_for_one_user_and_model_are_never_published(store, apart):
    lists = [row_of(1), *map(row_of, range(2, 2 + apart)), row_of(1, courses=["c"])]
    with pytest.raises(GenerationDamaged):
        publish(store, lists)
    assert store.live(TENANT) is None


def test_threads_write_into_one_generation_together(store):
    generation = store.begin(TENANT)

    def write(part):
        users = range(part * 100, part * 100 + 100)
        return store.write(TENANT, generation, [row_of(user, courses=[user]) for user in users])

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(write, range(6))) == 600
    manifest = store.manifest(TENANT, generation)
    manifest.row_counts = {section_of(): 600}
    store.publish(manifest, [row_of(user, courses=[user]) for user in range(0, 600, 50)])


def test_threads_read_two_generations_at_once(store):
    generations = [
        publish(store, [row_of(user, courses=[name]) for user in range(40)])
        for name in ("first", "second")
    ]

    def read(turn):
        user, which = turn % 40, turn % 2
        one = store.get(TENANT, generations[which], key_of(user))
        keys = [key_of(other) for other in range(user, 40)]
        many = store.get_many(TENANT, generations[1 - which], keys)
        return one.entries, {tuple(row.entries) for row in many.values()}, len(many)

    with ThreadPoolExecutor(8) as threads:
        for turn, answer in enumerate(threads.map(read, range(160))):
            names = ["first", "second"] if turn % 2 == 0 else ["second", "first"]
            assert answer == (names[:1], {(names[1],)}, 40 - turn % 40)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=list_rows())
def test_whatever_rows_go_in_come_out(store, rows):
    generation = publish(store, rows)
    by_key = {(row.section, row.subject): row for row in rows}
    assert store.get_many(TENANT, generation, by_key) == by_key


def test_reasons_and_facts_come_back_as_they_went_in(store):
    reasons = ListReasons(["c++", 7, "学习者"], [60, 0, 5], [[3, 0, 50, 120, 2, 30, 9], [0]])
    rows = [
        ListRow("similar_users", "ada", MODEL, [1, 2], [0.5, 0.25], reasons),
        FactsRow(USER_PROFILE, "ada", {"interests": ["c++"], "levels": [["beginner", 2]]}),
        FactsRow(USER_DIRECTORY, DIRECTORY_START, {"starts": ["ada", "Ädä"]}),
        FactsRow(USER_DIRECTORY, 0, {"handles": ["ada", "Ädä"]}),
    ]
    generation = publish(store, rows)
    for row in rows:
        assert store.get(TENANT, generation, (row.section, row.subject)) == row


def test_a_user_and_a_course_of_one_handle_never_meet(store):
    rows = [
        similar_users(7, users=[1]),
        row_of(7, courses=["of user 7"]),
        similar_courses(7, courses=["like course 7"]),
        ListRow("course_users", 7, MODEL, [99], [0.5]),
        FactsRow(SEEN, 7, {"courses": ["seen by user 7"]}),
        FactsRow(COURSE_FACTS, 7, {"title": "Course 7"}),
    ]
    generation = publish(store, rows)
    keys = [(row.section, row.subject) for row in rows]
    assert len(set(keys)) == len(rows)
    assert store.get_many(TENANT, generation, keys) == dict(zip(keys, rows, strict=True))
    assert store.live(TENANT).row_counts == dict.fromkeys((row.section for row in rows), 1)


def test_rows_of_many_sections_are_read_in_one_call(store):
    rows = [row_of(user, f"model_{m}", courses=[user, m]) for user in range(30) for m in range(9)]
    generation = publish(store, rows)
    by_key = {(row.section, row.subject): row for row in rows}
    assert store.get_many(TENANT, generation, by_key) == by_key
