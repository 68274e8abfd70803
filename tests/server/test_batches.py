import pytest

from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    FULL_USER,
    KNN,
    LONELY_USER,
    NO_COURSES_USER,
    TFIDF,
    VIEWS_ONLY_USER,
    publish,
    users_like,
)

EVERYBODY = [31337, FULL_USER, VIEWS_ONLY_USER, NO_COURSES_USER, LONELY_USER, "999"]


@pytest.mark.parametrize("task", ["similar-users", "recommendations"])
@pytest.mark.parametrize("fields", [{}, {"model_handle": KNN, "limit": 3, "with_scores": True}])
def test_a_batch_answers_each_user_as_the_single_route_does(api: Caller, task, fields):
    batch = api.post(f"/{task}/batch/", {"user_handles": EVERYBODY} | fields)
    assert batch.status_code == 200
    for handle, result in zip(EVERYBODY, batch.get_json()["results"], strict=True):
        single = api.post(f"/{task}", {"user_handle": handle} | fields).get_json()
        if "error" in result:
            del single["instance"], single["request_id"]
            assert result == {"request_data": handle, "error": single}
        else:
            assert result == single


def test_unknown_users_do_not_fail_the_others(api: Caller):
    results = api.post("/similar-users/batch", {"user_handles": [1, 999, 2]}).get_json()["results"]
    assert ["error" in result for result in results] == [True, False, True]
    assert results[0]["error"]["status"] == 404


def test_a_user_asked_twice_is_answered_twice(api: Caller):
    results = api.post("/recommendations/batch", {"user_handles": [999, 7, 999]}).get_json()
    assert [r["request_data"] for r in results["results"]] == [999, 7, 999]
    assert results["results"][0] == results["results"][2]


def test_a_hundred_users_are_one_batch(store, app):
    users = list(range(100))
    generation = publish(store, [users_like(user, TFIDF) for user in users])
    caller = Caller(app.test_client())
    results = caller.post("/similar-users/batch", {"user_handles": users}).get_json()["results"]
    assert [result["request_data"] for result in results] == users
    assert {result["generation"] for result in results} == {generation}


@pytest.mark.parametrize("handles", [[], list(range(101)), 999, None, [[999]], [None], [True]])
def test_a_batch_is_a_list_of_1_to_100_handles(api: Caller, handles):
    response = api.post("/similar-users/batch", {"user_handles": handles})
    problem = assert_problem(response, 422, "invalid-request")
    assert problem["errors"][0]["pointer"].startswith("#/user_handles")


def test_each_wrong_handle_of_a_batch_is_pointed_at(api: Caller):
    response = api.post("/similar-users/batch", {"user_handles": [1, None, 3, 4.5]})
    problem = assert_problem(response, 422, "invalid-request")
    assert [e["pointer"] for e in problem["errors"]] == ["#/user_handles/1", "#/user_handles/3"]


def test_a_batch_on_an_unknown_model_fails_as_a_whole(api: Caller):
    asked = {"user_handles": [999], "model_handle": "no_such_model"}
    assert_problem(api.post("/similar-users/batch", asked), 404, "unknown-model")
