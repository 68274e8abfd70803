import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.kinds import KINDS
from shared.records import (
    COURSE_DIRECTORY,
    COURSE_FACTS,
    FORMAT,
    INT64_MAX,
    SEEN,
    USER_DIRECTORY,
    USER_PROFILE,
    Evaluation,
    FactsRow,
    Figure,
    ListFacts,
    ListReasons,
    ListRow,
    ListSpread,
    Manifest,
    ModelCard,
    ModelOverlap,
    Ranking,
    Reason,
    Stage,
    Strongest,
    TableReport,
    handle_key,
    is_handle,
    list_section,
    read_row,
    unpacked,
)
from shared.stores.state import LockRecord, Publication, TenantState

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
def test_lists_survive_their_json_and_any_json_reader_understands_it(subject, entries, scores):
    row = ListRow("similar_users", subject, "m", entries, scores)
    assert read_row((row.section, subject), row.to_json()) == row
    assert json.loads(row.to_json()) == {"entries": entries, "scores": scores}


def test_reasons_survive_their_json_too():
    reasons = ListReasons(["a", 7], [60, 5], [[2, 0, 70, 1, 30], [0]])
    row = ListRow("similar_users", 1, "m", [2, 3], [0.5, 0.4], reasons)
    assert read_row((row.section, 1), row.to_json()) == row


def test_facts_survive_their_json():
    row = FactsRow(SEEN, 7, {"courses": ["a", 7]})
    assert read_row((SEEN, 7), row.to_json()) == row


def test_a_section_names_kind_and_model_so_that_no_two_share_a_row():
    sections = {list_section(kind, model) for kind in KINDS for model in ("a", "b")}
    assert len(sections) == 2 * len(KINDS)
    facts = {SEEN, USER_PROFILE, USER_DIRECTORY, COURSE_DIRECTORY, COURSE_FACTS}
    assert not sections & facts


def test_reasons_are_unpacked_as_they_were_packed():
    packed = ListReasons(["docker", "go"], [2460, 40], [[2, 0, 70, 3300, 1, 30, 7500], [0]])
    assert unpacked("shared_courses", packed, 0) == Reason(
        "shared_courses",
        2,
        [Strongest("docker", 0.7, 2460, 3300), Strongest("go", 0.3, 40, 7500)],
    )
    assert unpacked("shared_courses", packed, 1) is None
    assert unpacked("shared_courses", packed, 2) is None


def test_what_a_newer_version_has_added_to_rows_is_left_out():
    stored = (
        b'{"entries":[2],"scores":[],"reasons":{"names":[],"seconds":[],"entries":[],"x":1},"y":2}'
    )
    row = ListRow("recommendations", 1, "m", [2], [], ListReasons([], [], []))
    assert read_row((row.section, 1), stored) == row


def with_more_everywhere(value):
    """The same JSON as a newer version might write it: a further field in every record."""
    if isinstance(value, dict):
        return {key: with_more_everywhere(inner) for key, inner in value.items()} | {"newer": [1]}
    if isinstance(value, list):
        return [with_more_everywhere(inner) for inner in value]
    return value


def test_what_a_newer_version_has_added_to_a_manifest_is_left_out(manifest):
    stored = json.loads(manifest.to_json())
    for name in ("models", "tables", "stages", "evaluation", "model_overlaps", "default_models"):
        stored[name] = with_more_everywhere(stored[name])
    for card in stored["models"]:
        for name in ("config", "measures"):
            del card[name]["newer"]
    for report in stored["tables"]:
        for name in ("set_aside", "samples", "left_out"):
            del report[name]["newer"]
    del stored["evaluation"]["baselines"]["newer"]
    assert Manifest.from_json(json.dumps(stored | {"newer": {}})) == manifest


def test_kinds_that_only_a_newer_version_knows_are_left_out(manifest):
    stored = json.loads(manifest.to_json())
    stored["default_models"]["rivals"] = "a"
    stored["model_overlaps"].append(stored["model_overlaps"][0] | {"kind": "rivals"})
    card = stored["models"][0]
    card["serves"].append("rivals")
    card["list_facts"]["rivals"] = card["list_facts"]["similar_users"]
    card["spreads"]["rivals"] = {}
    card["reason_kinds"] |= {"rivals": "shared_tags", "recommendations": "horoscope"}
    assert Manifest.from_json(json.dumps(stored)) == manifest


@pytest.mark.parametrize(
    "wrong", [{"models": 3}, {"row_counts": {"seen": "many"}}, {"default_models": 3}, {"users": []}]
)
def test_a_manifest_of_wrong_types_is_refused(manifest, wrong):
    with pytest.raises(ValidationError):
        Manifest.from_json(json.dumps(json.loads(manifest.to_json()) | wrong))


def test_what_a_newer_version_has_added_to_a_tenants_state_is_left_out():
    state = TenantState("g2", [Publication("g1", "then", 5.0), Publication("g2", "now")])
    state.lock = LockRecord("t", "p", 1.0, 2.0)
    stored = with_more_everywhere(json.loads(state.to_json()))
    assert TenantState.from_json(json.dumps(stored)) == state


def test_what_the_first_servers_do_not_know_is_in_a_tenants_state_only_if_something_is_pinned():
    assert json.loads(TenantState("g1").to_json()).keys() == {"live", "history", "lock"}
    pinned = TenantState("g1", pinned_at="now")
    assert TenantState.from_json(pinned.to_json()) == pinned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"scores": []}',
        '{"entries": 3, "scores": []}',
        '{"entries": [true], "scores": [0.5]}',
        '{"entries": [1.0], "scores": [0.5]}',
        '{"entries": [1], "scores": ["0.5"]}',
        '{"entries": [1], "scores": [null]}',
        '{"entries": [1], "scores": [0.5], "reasons": {"names": ["a"]}}',
        '{"entries": [1], "scores": [0.5], "reasons": {"names": [], "seconds": [], "entries": 1}}',
        '{"entries": [1, 2], "scores": [0.5',
    ],
)
def test_what_is_no_row_is_refused(text):
    with pytest.raises(ValueError, match=r"Expected|missing|truncated"):
        read_row(("similar_users/m", 1), text)


@pytest.fixture
def manifest():
    return Manifest(
        "default",
        "20261121T020000Z-3f9a",
        "ready",
        "2026-11-21T02:00:00+00:00",
        FORMAT,
        default_models={"similar_users": "a"},
        models=[
            ModelCard(
                "a",
                "A",
                ["similar_users"],
                ["interests"],
                users=3,
                config={"k": 80},
                reason_kinds={"similar_users": "shared_tags"},
                spreads={"similar_users": ListSpread([0.1, 0.9], 2.5)},
                list_facts={
                    "similar_users": ListFacts(3, 1, distinct_entries=2, effective_entries=1.5)
                },
                evaluation=[Figure("ndcg", 10, 0.2, 0.1, 0.3)],
            ),
            ModelCard("b", "B", ["recommendations"], ["views"], skipped="needs views"),
        ],
        row_counts={"similar_users/a": 3},
        model_overlaps=[ModelOverlap("similar_users", "a", "b", 0.25, 3)],
        rankings={"p": Ranking([7, "7"], [0.5, 0.25])},
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


@pytest.mark.parametrize(
    ("until", "is_of"), [(None, True), ("2026-11-30", True), ("2026-11-29", False)]
)
def test_a_generation_is_of_other_data_once_a_course_of_it_is_no_more_on_offer(until, is_of):
    manifest = Manifest("t", "g", "published", "now", data_digest="d", config_digest="c")
    manifest.on_offer_until = until
    assert manifest.is_of("d", "c", date(2026, 11, 30)) is is_of
    assert not manifest.is_of("d", "other", date(2026, 11, 30))
