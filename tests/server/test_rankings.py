"""GET /rankings/{model_handle}."""

from urllib.parse import quote

import pytest

from shared.records import RANKINGS, ListRow, group_key
from tests.server.calls import Caller, assert_problem
from tests.server.generations import POPULAR, POPULAR_COURSES, TFIDF, publish, rows

GROUPS = {"tag/c#": ["sharp", "popular-3"], "segment/department/R&D / Labs": [7, "lab"]}


@pytest.fixture
def grouped(app, store) -> Caller:
    ranked = [
        ListRow(RANKINGS, group_key(group), POPULAR, courses, [9.0, 0.5])
        for group, courses in GROUPS.items()
    ]
    publish(store, [*rows(), *ranked])
    return Caller(app.test_client())


def test_without_a_group_it_is_the_whole_ranking_for_everybody(api):
    answer = api.get(f"/rankings/{POPULAR}").get_json()
    assert (answer["model_handle"], answer["group"]) == (POPULAR, None)
    assert answer["courses"] == POPULAR_COURSES
    assert len(answer["scores"]) == len(POPULAR_COURSES)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_found_by_its_name_in_whatever_case(grouped, group):
    named = quote(group.upper(), safe="")
    answer = grouped.get(f"/rankings/{POPULAR}?group={named}").get_json()
    assert (answer["group"], answer["courses"]) == (group.upper(), GROUPS[group])
    assert answer["scores"] == [9.0, 0.5]


@pytest.mark.parametrize("group", ["tag/cobol", "", "%20", "x" * 600])
def test_a_group_that_has_no_ranking_is_a_problem_that_says_how_groups_are_named(grouped, group):
    problem = grouped.get(f"/rankings/{POPULAR}?group={group}")
    assert "segment/COLUMN/VALUE" in assert_problem(problem, 404, "unknown-group")["detail"]


def test_a_model_may_rank_for_groups_and_not_for_everybody(app, store):
    group = "segment/department/sales"
    ranked = ListRow(RANKINGS, group, TFIDF, ["c1"], [2.0])
    publish(store, [*rows(), ranked])
    api = Caller(app.test_client())
    assert api.get(f"/rankings/{TFIDF}?group={group}").get_json()["courses"] == ["c1"]
    problem = assert_problem(api.get(f"/rankings/{TFIDF}"), 404, "unknown-group")
    assert "ranks nothing for everybody: ask for level/NAME" in problem["detail"]
    assert "or without a group" not in problem["detail"]
    other = assert_problem(api.get("/rankings/none"), 404, "unknown-model")
    assert other["valid_model_handles"] == [POPULAR, TFIDF]


def test_a_model_with_a_list_for_each_user_has_no_ranking_and_those_that_have_are_named(api):
    problem = assert_problem(api.get(f"/rankings/{TFIDF}"), 404, "unknown-model")
    assert problem["valid_model_handles"] == [POPULAR]
