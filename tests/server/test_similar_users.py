import pytest

from tests.generations import seen
from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    ALS,
    DNN,
    FULL_USER,
    KNN,
    LONELY_USER,
    NEIGHBOURS_ONLY,
    TFIDF,
    VIEWS_ONLY_USER,
    publish,
    users_like,
)


@pytest.mark.parametrize("path", ["/similar-users", "/similar-users/"])
@pytest.mark.parametrize(
    ("fields", "model_handle"),
    [({}, TFIDF), ({"model_handle": DNN}, DNN), ({"model_handle": KNN}, KNN)],
)
def test_the_three_reference_requests(api: Caller, generation, path, fields, model_handle):
    response = api.post(path, {"user_handle": 999} | fields)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    stored = users_like(999, model_handle).entries
    assert response.get_json() == {
        "request_data": 999,
        "data": {"model_handle": model_handle, "similar_users": stored[:10]},
        "generation": generation,
        "source": "model",
    }


def test_the_members_of_an_answer_stand_in_the_documented_order(api: Caller):
    answer = api.post("/similar-users", {"user_handle": 999, "with_scores": True}).get_json()
    assert list(answer) == ["request_data", "data", "generation", "source"]
    assert list(answer["data"]) == ["model_handle", "similar_users", "scores"]


@pytest.mark.parametrize(("limit", "length"), [(1, 1), (7, 7), (20, 20), (21, 20), (1000, 20)])
def test_limit_gives_as_many_as_asked_or_as_there_are(api: Caller, limit, length):
    answer = api.post("/similar-users", {"user_handle": 999, "limit": limit}).get_json()
    assert answer["data"]["similar_users"] == users_like(999, TFIDF).entries[:length]


def test_scores_stand_beside_their_users(api: Caller):
    asked = {"user_handle": 999, "limit": 3, "with_scores": True}
    assert api.post("/similar-users", asked).get_json()["data"]["scores"] == [0.9, 0.89, 0.88]


def test_options_that_are_null_are_options_left_out(api: Caller):
    plain = api.post("/similar-users", {"user_handle": 999}).get_json()
    names = (
        "model_handle", "limit", "offset", "exclude", "only", "with_scores", "with_reasons",
        "max_age_seconds",
    )  # fmt: skip
    nulls = {"user_handle": 999} | dict.fromkeys(names)
    assert api.post("/similar-users", nulls).get_json() == plain


def test_a_whole_number_is_an_integer_however_json_writes_it(api: Caller):
    response = api.send("/similar-users", b'{"user_handle": 999.0, "limit": 2e0}')
    assert response.get_json()["request_data"] == 999
    assert len(response.get_json()["data"]["similar_users"]) == 2


def test_a_user_whom_nobody_is_like_gets_an_empty_list(api: Caller):
    response = api.post("/similar-users", {"user_handle": LONELY_USER})
    assert response.status_code == 200
    assert response.get_json()["data"]["similar_users"] == []
    assert response.get_json()["source"] == "model"


def test_a_user_the_model_knows_nothing_of_is_told_what_it_needs_and_who_has_lists(api: Caller):
    problem = assert_problem(
        api.post("/similar-users", {"user_handle": VIEWS_ONLY_USER}), 404, "user-without-lists"
    )
    assert problem["models_with_lists"] == [KNN]
    assert "interests" in problem["detail"]
    assert KNN in problem["detail"]


def test_a_user_whom_no_model_knows_is_not_called_unknown(store, app):
    publish(store, [seen(5), users_like(999, TFIDF)])
    response = Caller(app.test_client()).post("/similar-users", {"user_handle": 5})
    assert assert_problem(response, 404, "user-without-lists")["models_with_lists"] == []


def test_an_unknown_user_is_404(api: Caller, generation):
    problem = assert_problem(
        api.post("/similar-users", {"user_handle": 31337}), 404, "unknown-user"
    )
    assert "31337" in problem["detail"]
    assert generation in problem["detail"]
    assert problem["instance"] == "/similar-users"


def test_a_number_sent_as_text_is_unknown_and_the_answer_says_why(api: Caller):
    problem = assert_problem(
        api.post("/similar-users", {"user_handle": "999"}), 404, "unknown-user"
    )
    assert 'send 999 rather than "999"' in problem["detail"]


def test_text_sent_as_a_number_is_unknown_and_the_answer_says_why(store, app):
    publish(store, [users_like("999", TFIDF)], user_handle_type="str")
    caller = Caller(app.test_client())
    problem = assert_problem(
        caller.post("/similar-users", {"user_handle": 999}), 404, "unknown-user"
    )
    assert 'send "999" rather than 999' in problem["detail"]
    found = caller.post("/similar-users", {"user_handle": "999"})
    assert found.get_json()["request_data"] == "999"


@pytest.mark.parametrize(
    "handle", ["nobody", "9" * 400, "\uff11\uff12", "\x00", "' OR 1=1 --", "🙂" * 512]
)
def test_any_text_is_looked_up_as_it_is(api: Caller, handle):
    problem = assert_problem(
        api.post("/similar-users", {"user_handle": handle}), 404, "unknown-user"
    )
    assert "9999999999" not in problem["detail"].replace(f'"{handle}"', "")


@pytest.mark.parametrize("asked", [" ada", "ada\t", "\u00a0ada\n"])
def test_blanks_around_a_handle_are_cut_as_they_are_in_tables(store, app, asked):
    publish(store, [users_like("ada", TFIDF)], user_handle_type="str")
    response = Caller(app.test_client()).post("/similar-users", {"user_handle": asked})
    assert response.get_json()["request_data"] == "ada"


def test_an_unknown_user_costs_one_read_whatever_models_there_are(store, app, monkeypatch):
    publish(store)
    reads = []
    monkeypatch.setattr(store, "get_texts", recorded(reads, store.get_texts))
    assert_problem(
        Caller(app.test_client()).post("/similar-users", {"user_handle": 31337}),
        404,
        "unknown-user",
    )
    assert reads == [[("similar_users/" + TFIDF, 31337)], [("seen", 31337)]]


def recorded(reads: list, read):
    def reading(tenant, generation, keys):
        reads.append(list(keys))
        return read(tenant, generation, keys)

    return reading


@pytest.mark.parametrize("handle", ["ada lovelace", "O'Brien", "naïve", "🙂", "a\x00b", "999"])
def test_text_handles_come_back_as_they_went_in(store, app, handle):
    publish(store, [users_like(handle, TFIDF)], user_handle_type="str")
    response = Caller(app.test_client()).post("/similar-users", {"user_handle": handle})
    assert response.status_code == 200
    assert response.get_json()["request_data"] == handle


@pytest.mark.parametrize("handle", [0, -1, 2**63 - 1, -(2**63)])
def test_every_64_bit_integer_is_a_handle(store, app, handle):
    publish(store, [users_like(handle, TFIDF)])
    response = Caller(app.test_client()).post("/similar-users", {"user_handle": handle})
    assert response.get_json()["request_data"] == handle


def test_an_unknown_model_is_404_with_the_handles_that_would_do(api: Caller):
    asked = {"user_handle": 999, "model_handle": "no_such_model"}
    problem = assert_problem(api.post("/similar-users", asked), 404, "unknown-model")
    assert problem["valid_model_handles"] == [TFIDF, KNN, DNN, NEIGHBOURS_ONLY]
    assert "no_such_model" in problem["detail"]


def test_a_model_that_did_not_run_is_404_with_the_reason(api: Caller):
    asked = {"user_handle": 999, "model_handle": ALS}
    problem = assert_problem(api.post("/similar-users", asked), 404, "model-skipped")
    assert "the table user_course_views is empty" in problem["detail"]
    assert ALS not in problem["valid_model_handles"]


@pytest.mark.parametrize(("default", "kind"), [(ALS, "model-skipped"), ("gone", "unknown-model")])
def test_a_default_model_without_lists_is_named_as_the_default(store, app, default, kind):
    publish(store, default_models={"similar_users": default})
    caller = Caller(app.test_client())
    problem = assert_problem(caller.post("/similar-users", {"user_handle": 999}), 404, kind)
    assert problem["detail"].startswith(f'The default model, "{default}",')
    assert TFIDF in problem["valid_model_handles"]


def test_the_default_comes_from_the_generation_not_from_the_server(store, app):
    publish(store, default_models={"similar_users": KNN})
    answer = Caller(app.test_client()).post("/similar-users", {"user_handle": FULL_USER}).get_json()
    assert answer["data"]["model_handle"] == KNN
