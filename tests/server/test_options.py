"""exclude with its back-fill, and what happens to lists that are older than allowed."""

from datetime import timedelta

import pytest

from server import create_app
from shared.records import utc_now
from shared.settings import ServerSettings
from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    FULL_USER,
    LONELY_USER,
    NO_COURSES_USER,
    POPULAR_COURSES,
    TFIDF,
    VIEWS_ONLY_USER,
    full_lists,
    publish,
)

STORED = full_lists(FULL_USER, TFIDF)


def recommended(api: Caller, user: int, **options: object) -> dict:
    response = api.post("/recommendations", {"user_handle": user} | options)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_deeper_entries_take_the_places_of_excluded_ones(api: Caller):
    exclude = STORED.courses[:12]
    answer = recommended(api, FULL_USER, exclude=exclude, limit=5, with_scores=True)
    assert answer["data"]["courses"] == STORED.courses[12:17]
    assert answer["data"]["scores"] == STORED.course_scores[12:17]
    assert answer["source"] == "model"
    assert "from_model" not in answer


def test_popular_courses_take_the_places_that_the_model_cannot_fill(api: Caller):
    exclude = [*STORED.courses[:17], POPULAR_COURSES[0]]
    answer = recommended(api, VIEWS_ONLY_USER, exclude=[], limit=5, model_handle=None)
    assert answer["source"] == "fallback:popular"
    answer = recommended(api, FULL_USER, exclude=exclude, limit=6)
    assert answer["data"]["courses"] == [*STORED.courses[17:], *POPULAR_COURSES[1:4]]
    assert answer["source"] == "model+fallback:popular"
    assert answer["from_model"] == 3


def test_the_fallback_excludes_what_is_asked_and_what_the_user_has_seen(api: Caller):
    # They have seen the popular courses 0, 1 and 4.
    answer = recommended(api, NO_COURSES_USER, exclude=[POPULAR_COURSES[2]], limit=3)
    assert answer["data"]["courses"] == [POPULAR_COURSES[rank] for rank in (3, 5, 6)]
    assert answer["source"] == "fallback:popular"


def test_a_user_with_everything_excluded_gets_an_empty_list(api: Caller):
    answer = recommended(api, LONELY_USER, exclude=POPULAR_COURSES)
    assert answer["data"]["courses"] == []


def test_excluded_users_are_replaced_by_the_next_ones(api: Caller):
    body = {"user_handle": FULL_USER, "exclude": STORED.similar_users[:19], "limit": 5}
    answer = api.post("/similar-users", body).get_json()
    assert answer["data"]["similar_users"] == STORED.similar_users[19:]


def test_a_handle_of_another_type_excludes_nothing(api: Caller):
    first = STORED.similar_users[0]
    body = {"user_handle": FULL_USER, "exclude": [str(first)], "limit": 1}
    assert api.post("/similar-users", body).get_json()["data"]["similar_users"] == [first]


def test_exclusions_hold_for_each_user_of_a_batch(api: Caller):
    body = {"user_handles": [FULL_USER, 404, LONELY_USER], "exclude": STORED.courses[:1]}
    full, unknown, lonely = api.post("/recommendations/batch", body).get_json()["results"]
    assert full["data"]["courses"] == STORED.courses[1:11]
    assert unknown["error"]["status"] == 404
    assert lonely["source"] == "fallback:popular"


@pytest.mark.parametrize("exclude", ["x", [True], [1.5], [""], [{}], [0] * 501])
def test_exclusions_that_are_no_handles_are_refused(api: Caller, exclude):
    body = {"user_handle": FULL_USER, "exclude": exclude}
    assert_problem(api.post("/recommendations", body), 422, "invalid-request")


@pytest.fixture
def aged(store, request):
    """A caller of a server whose live generation was begun an hour ago."""
    publish(store, created_at=(utc_now() - timedelta(hours=1)).isoformat())

    def caller(**settings: object) -> Caller:
        return Caller(create_app(ServerSettings(_env_file=None, **settings), store).test_client())

    return caller


def test_lists_older_than_the_request_allows_say_so(aged):
    answer = recommended(aged(), FULL_USER, max_age_seconds=3000)
    assert answer["stale"] is True
    assert answer["created_at"] < utc_now().isoformat()
    assert recommended(aged(), FULL_USER, max_age_seconds=4000)["stale"] is False


def test_without_a_limit_nothing_is_said_of_age(aged):
    assert not {"stale", "created_at"} & recommended(aged(), FULL_USER).keys()


def test_the_lower_of_the_two_limits_holds(aged):
    api = aged(max_age_seconds=3000)
    assert recommended(api, FULL_USER)["stale"] is True
    assert recommended(api, FULL_USER, max_age_seconds=9999)["stale"] is True
    assert recommended(aged(max_age_seconds=9999), FULL_USER)["stale"] is False


def test_a_server_set_to_refuse_answers_stale_lists_with_503(aged):
    api = aged(max_age_seconds=3000, stale_lists="refuse")
    for path, user in (("/recommendations", "user_handle"), ("/similar-users", "user_handle")):
        response = api.post(path, {user: FULL_USER})
        problem = assert_problem(response, 503, "lists-too-old")
        assert "run the generator" in problem["detail"]
        assert int(response.headers["Retry-After"]) >= 1
    batch = api.post("/similar-users/batch", {"user_handles": [FULL_USER]})
    assert_problem(batch, 503, "lists-too-old")


@pytest.mark.parametrize("seconds", [-1, "60", True, float("inf"), 10**12])
def test_a_maximal_age_that_is_no_number_of_seconds_is_refused(api: Caller, seconds):
    body = {"user_handle": FULL_USER, "max_age_seconds": seconds}
    assert api.post("/recommendations", body).status_code in (400, 422)
