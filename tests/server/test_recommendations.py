import pytest

from shared.records import SEEN, ListRow, Ranking
from tests.generations import seen
from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    DNN,
    KNN,
    LONELY_USER,
    NEIGHBOURS_ONLY,
    NO_COURSES_USER,
    POPULAR,
    POPULAR_COURSES,
    TFIDF,
    VIEWS_ONLY_USER,
    courses_for,
    publish,
)


@pytest.mark.parametrize("path", ["/recommendations", "/recommendations/"])
@pytest.mark.parametrize("model_handle", [None, KNN, DNN])
def test_a_user_with_courses_gets_the_models_own(api: Caller, generation, path, model_handle):
    response = api.post(path, {"user_handle": 999, "model_handle": model_handle})
    handle = model_handle or TFIDF
    assert response.get_json() == {
        "request_data": 999,
        "data": {"model_handle": handle, "courses": courses_for(999, handle).entries[:10]},
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


def test_where_nothing_is_popular_the_fallback_is_empty(store, app):
    publish(store, [seen(5)], rankings={POPULAR: Ranking([], [])})
    response = Caller(app.test_client()).post("/recommendations", {"user_handle": 5})
    assert response.status_code == 200
    assert response.get_json()["data"]["courses"] == []


def test_a_user_who_has_seen_all_that_is_popular_gets_none_of_it_again(store, app):
    publish(store, [seen(5, *POPULAR_COURSES)])
    response = Caller(app.test_client()).post("/recommendations", {"user_handle": 5})
    assert response.status_code == 200
    assert response.get_json()["data"]["courses"] == []


def test_an_unknown_user_gets_no_fallback(api: Caller):
    assert_problem(api.post("/recommendations", {"user_handle": 31337}), 404, "unknown-user")


def test_a_model_that_only_finds_users_is_404_with_those_that_recommend(api: Caller):
    asked = {"user_handle": 999, "model_handle": NEIGHBOURS_ONLY}
    problem = assert_problem(api.post("/recommendations", asked), 404, "model-without-kind")
    assert problem["valid_model_handles"] == [TFIDF, KNN, DNN, POPULAR]
    assert "similar users, not recommendations" in problem["detail"]


def test_rows_of_facts_are_no_model(api: Caller):
    asked = {"user_handle": 999, "model_handle": SEEN}
    assert_problem(api.post("/recommendations", asked), 404, "unknown-model")


def test_integer_course_handles_stay_integers(store, app):
    row = ListRow("recommendations", 5, TFIDF, [11, 12], [0.5, 0.4])
    publish(store, [row], course_handle_type="int")
    answer = Caller(app.test_client()).post("/recommendations", {"user_handle": 5}).get_json()
    assert answer["data"]["courses"] == [11, 12]


def test_a_model_that_is_the_same_for_everybody_leaves_out_what_each_has_seen(api: Caller):
    asked = {"user_handle": NO_COURSES_USER, "model_handle": POPULAR, "limit": 3}
    answer = api.post("/recommendations", asked).get_json()
    assert answer["source"] == "model"
    assert answer["data"]["courses"] == ["popular-2", "popular-3", "popular-5"]
    asked = {"user_handle": 31337, "model_handle": POPULAR}
    assert_problem(api.post("/recommendations", asked), 404, "unknown-user")


def test_fallbacks_are_asked_in_the_order_of_the_generation(store, app):
    publish(store, [courses_for(5, KNN), seen(5), seen(6)], fallbacks=[KNN, POPULAR])
    api = Caller(app.test_client())
    answer = api.post("/recommendations", {"user_handle": 5, "limit": 2}).get_json()
    assert answer["source"] == "fallback:knn"
    assert answer["data"]["courses"] == courses_for(5, KNN).entries[:2]
    answer = api.post("/recommendations", {"user_handle": 6, "limit": 2}).get_json()
    assert answer["source"] == "fallback:popular"


def test_without_fallbacks_a_user_without_courses_gets_an_empty_list(store, app):
    publish(store, [seen(5)], fallbacks=[])
    answer = Caller(app.test_client()).post("/recommendations", {"user_handle": 5}).get_json()
    assert answer["data"]["courses"] == []
