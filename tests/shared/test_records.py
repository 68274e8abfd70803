import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records import (
    INT64_MAX,
    Evaluation,
    Figure,
    ListReasons,
    Manifest,
    ModelCard,
    Stage,
    TableReport,
    UserLists,
    handle_key,
    is_handle,
)

handles = st.one_of(
    st.integers(-INT64_MAX - 1, INT64_MAX),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=512),
)


@pytest.mark.parametrize(
    "value", [0, -5, 999, "999", INT64_MAX, -INT64_MAX - 1, " ", "x" * 512, "👩‍🎓", "\0"]
)
def test_64_bit_integers_and_texts_of_bounded_length_are_handles(value):
    assert is_handle(value)


@pytest.mark.parametrize(
    "value",
    [True, False, None, 1.0, b"x", "", "x" * 513, INT64_MAX + 1, -INT64_MAX - 2, [1], "a\ud800b"],
)
def test_nothing_else_is_a_handle(value):
    assert not is_handle(value)


@given(handles, handles)
def test_handles_that_differ_in_value_or_type_have_different_keys(one, other):
    assert is_handle(one)
    assert (handle_key(one) == handle_key(other)) == (one == other and type(one) is type(other))
    assert json.loads(handle_key(one)) == one


def test_an_integer_and_its_digits_have_different_keys():
    assert (handle_key(999), handle_key("999")) == ("999", '"999"')


@given(handles, st.lists(handles), st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_lists_survive_their_json_and_any_json_reader_understands_it(user, entries, scores):
    lists = UserLists(user, "m", entries, scores, entries[::-1], scores[::-1])
    assert UserLists.from_json(user, "m", lists.to_json()) == lists
    assert json.loads(lists.to_json()) == {
        "similar_users": entries,
        "similar_user_scores": scores,
        "courses": entries[::-1],
        "course_scores": scores[::-1],
    }


def test_reasons_survive_their_json_too():
    reasons = ListReasons(["a", 7], [60, 5], [[2, 0, 70, 1, 30], [0]])
    lists = UserLists(1, "m", [2, 3], [0.5, 0.4], similar_user_reasons=reasons)
    assert UserLists.from_json(1, "m", lists.to_json()) == lists
    assert "course_reasons" not in json.loads(lists.to_json())


def test_what_a_newer_version_has_added_to_lists_is_left_out():
    stored = (
        b'{"similar_users":[2],"course_reasons":{"names":[],"seconds":[],"entries":[],"x":1},"y":2}'
    )
    assert UserLists.from_json(1, "m", stored) == UserLists(
        1, "m", [2], course_reasons=ListReasons([], [], [])
    )


@pytest.fixture
def manifest():
    return Manifest(
        "default",
        "20261121T020000Z-3f9a",
        "ready",
        "2026-11-21T02:00:00+00:00",
        default_model_handle="a",
        models=[
            ModelCard(
                "a",
                "A",
                ["similar_users"],
                ["interests"],
                users=3,
                config={"k": 80},
                evaluation=[Figure("ndcg", 10, 0.2, 0.1, 0.3)],
            ),
            ModelCard("b", "B", ["recommendations"], ["views"], skipped="needs views"),
        ],
        list_counts={"a": 3},
        popular_courses=[7, "7"],
        popular_course_scores=[0.5, 0.25],
        tables=[TableReport("views", "views.csv", 10, 7, {"no user": 2, "exact duplicate": 1})],
        stages=[Stage("fit a", 1.25, 3)],
        evaluation=Evaluation("last", 3, {"popular": [Figure("ndcg", 10, 0.1, 0.1, 0.1)]}),
    )


def test_a_manifest_survives_its_json(manifest):
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_a_figure_is_found_by_its_name_and_cut_off(manifest):
    assert manifest.card("a").figure("ndcg_at_10").value == 0.2
    assert manifest.card("a").figure("ndcg_at_20") is None


def test_only_models_that_ran_are_served(manifest):
    assert [card.model_handle for card in manifest.served_models] == ["a"]
    assert manifest.card("a") is manifest.models[0]
    assert manifest.card("b") is None
    assert manifest.card("unknown") is None


def test_a_table_knows_how_many_rows_were_set_aside(manifest):
    (report,) = manifest.tables
    assert report.rows_set_aside == 3 == report.rows_read - report.rows_kept
