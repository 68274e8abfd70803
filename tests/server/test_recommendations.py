import pytest

from shared.records import SEEN_POPULAR, UserLists
from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    DNN,
    KNN,
    LONELY_USER,
    NEIGHBOURS_ONLY,
    NO_COURSES_USER,
    POPULAR_COURSES,
    TFIDF,
    VIEWS_ONLY_USER,
    full_lists,
    publish,
)


@pytest.mark.parametrize("path", ["/recommendations", "/recommendations/"])
@pytest.mark.parametrize("model_handle", [None, KNN, DNN])
def test_a_user_with_courses_gets_the_models_own(api: Caller, generation, path, model_handle):
    response = api.post(path, {"user_handle": 999, "model_handle": model_handle})
    handle = model_handle or TFIDF
    assert response.get_json() == {
        "request_data": 999,
        "data": {"model_handle": handle, "courses": full_lists(999, handle).courses[:10]},
        "generation": generation,
        "source": "model",
    }


def test_a_user_the_model_does_not_know_gets_what_is_popular(api: Caller):
    answer = api.post("/recommendations", {"user_handle": VIEWS_ONLY_USER}).get_json()
    assert answer["source"] == "fallback:popular"
    assert answer["data"] == {"model_handle": TFIDF, "courses": POPULAR_COURSES[:10]}


def test_a_user_without_courses_gets_the_popular_ones_they_have_not_seen(api: Caller):
    asked = {"user_handle": NO_COURSES_USER, "limit": 3, "with_scores": True}
    answer = api.post("/recommendations", asked).get_json()
    assert answer["source"] == "fallback:popular"
    assert answer["data"]["courses"] == ["popular-2", "popular-3", "popular-5"]
    assert answer["data"]["scores"] == [28.0, 27.0, 25.0]


def test_a_user_in_the_model_without_courses_gets_the_shared_popular_list(api: Caller):
    asked = {"user_handle": LONELY_USER, "limit": 1000, "with_scores": True}
    answer = api.post("/recommendations", asked).get_json()
    assert answer["data"]["courses"] == POPULAR_COURSES
    assert answer["data"]["scores"] == [float(30 - rank) for rank in range(30)]


def test_a_user_whom_only_the_model_knows_still_gets_what_is_popular(store, app):
    publish(store, [UserLists(5, TFIDF, similar_users=[1], similar_user_scores=[0.5])])
    answer = Caller(app.test_client()).post("/recommendations", {"user_handle": 5}).get_json()
    assert answer["source"] == "fallback:popular"
    assert answer["data"]["courses"] == POPULAR_COURSES[:10]


def test_where_nothing_is_popular_the_fallback_is_empty(store, app):
    publish(store, [UserLists(5, SEEN_POPULAR)], popular_courses=[], popular_course_scores=[])
    response = Caller(app.test_client()).post("/recommendations", {"user_handle": 5})
    assert response.status_code == 200
    assert response.get_json()["data"]["courses"] == []


def test_a_user_who_has_seen_all_that_is_popular_gets_none_of_it_again(store, app):
    publish(store, [UserLists(5, SEEN_POPULAR, courses=POPULAR_COURSES)])
    response = Caller(app.test_client()).post("/recommendations", {"user_handle": 5})
    assert response.status_code == 200
    assert response.get_json()["data"]["courses"] == []


def test_an_unknown_user_gets_no_fallback(api: Caller):
    assert_problem(api.post("/recommendations", {"user_handle": 31337}), 404, "unknown-user")


def test_a_model_that_only_finds_users_is_404_with_those_that_recommend(api: Caller):
    asked = {"user_handle": 999, "model_handle": NEIGHBOURS_ONLY}
    problem = assert_problem(api.post("/recommendations", asked), 404, "model-without-task")
    assert problem["valid_model_handles"] == [TFIDF, KNN, DNN]
    assert "similar users, not recommendations" in problem["detail"]


def test_the_rows_of_the_fallback_are_no_model(api: Caller):
    asked = {"user_handle": 999, "model_handle": SEEN_POPULAR}
    assert_problem(api.post("/recommendations", asked), 404, "unknown-model")


def test_integer_course_handles_stay_integers(store, app):
    lists = UserLists(5, TFIDF, courses=[11, 12], course_scores=[0.5, 0.4])
    publish(store, [lists], course_handle_type="int")
    answer = Caller(app.test_client()).post("/recommendations", {"user_handle": 5}).get_json()
    assert answer["data"]["courses"] == [11, 12]
