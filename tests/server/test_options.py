"""exclude with its back-fill, and what happens to lists that are older than allowed."""

from datetime import timedelta

import pytest

from server import create_app
from shared.clock import utc_now
from shared.records import ListRow
from shared.settings import ServerSettings
from tests.generations import seen
from tests.server.calls import Caller, assert_problem
from tests.server.generations import (
    COURSE,
    FULL_USER,
    LONELY_USER,
    NO_COURSES_USER,
    POPULAR_COURSES,
    TFIDF,
    VIEWS_ONLY_USER,
    courses_for,
    publish,
    users_like,
)

USERS, COURSES = users_like(FULL_USER, TFIDF), courses_for(FULL_USER, TFIDF)


def recommended(api: Caller, user: int, **options: object) -> dict:
    response = api.post("/recommendations", {"user_handle": user} | options)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_deeper_entries_take_the_places_of_excluded_ones(api: Caller):
    exclude = COURSES.entries[:12]
    answer = recommended(api, FULL_USER, exclude=exclude, limit=5, with_scores=True)
    assert answer["data"]["courses"] == COURSES.entries[12:17]
    assert answer["data"]["scores"] == COURSES.scores[12:17]
    assert answer["source"] == "model"
    assert "from_model" not in answer


def test_popular_courses_take_the_places_that_the_model_cannot_fill(api: Caller):
    exclude = [*COURSES.entries[:17], POPULAR_COURSES[0]]
    answer = recommended(api, VIEWS_ONLY_USER, exclude=[], limit=5, model_handle=None)
    assert answer["source"] == "fallback:popular"
    answer = recommended(api, FULL_USER, exclude=exclude, limit=6)
    assert answer["data"]["courses"] == [*COURSES.entries[17:], *POPULAR_COURSES[1:4]]
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
    body = {"user_handle": FULL_USER, "exclude": USERS.entries[:19], "limit": 5}
    answer = api.post("/similar-users", body).get_json()
    assert answer["data"]["similar_users"] == USERS.entries[19:]


def test_a_handle_of_another_type_excludes_nothing(api: Caller):
    first = USERS.entries[0]
    body = {"user_handle": FULL_USER, "exclude": [str(first)], "limit": 1}
    assert api.post("/similar-users", body).get_json()["data"]["similar_users"] == [first]


def test_exclusions_hold_for_each_user_of_a_batch(api: Caller):
    body = {"user_handles": [FULL_USER, 404, LONELY_USER], "exclude": COURSES.entries[:1]}
    full, unknown, lonely = api.post("/recommendations/batch", body).get_json()["results"]
    assert full["data"]["courses"] == COURSES.entries[1:11]
    assert unknown["error"]["status"] == 404
    assert lonely["source"] == "fallback:popular"


@pytest.mark.parametrize("exclude", ["x", [True], [1.5], [""], [{}], [0] * 501])
def test_exclusions_that_are_no_handles_are_refused(api: Caller, exclude):
    body = {"user_handle": FULL_USER, "exclude": exclude}
    assert_problem(api.post("/recommendations", body), 422, "invalid-request")


def test_exclusions_never_make_a_list_longer_than_it_was(store, app):
    row = ListRow("recommendations", 5, TFIDF, ["a", "b", "c"], [0.3, 0.2, 0.1])
    publish(store, [row, seen(5)])
    api = Caller(app.test_client())
    assert recommended(api, 5)["data"]["courses"] == ["a", "b", "c"]
    answer = recommended(api, 5, exclude=["b"])
    assert answer["data"]["courses"] == ["a", "c", POPULAR_COURSES[0]]
    assert answer["from_model"] == 2
    answer = recommended(api, 5, exclude=["a", "b", "c", POPULAR_COURSES[0]])
    assert answer["data"]["courses"] == POPULAR_COURSES[1:4]
    assert recommended(api, 5, exclude=["nothing of it"])["data"]["courses"] == ["a", "b", "c"]


def test_the_order_of_a_list_is_that_which_is_stored_whatever_its_scores(store, app):
    """Rules may have put a page of ten in another order than scores fall."""
    row = ListRow("recommendations", 5, TFIDF, ["a", "b", "c", "d"], [0.2, 0.9, 0.5, 0.7])
    publish(store, [row, seen(5)])
    api = Caller(app.test_client())
    for options, entries in (
        ({}, "abcd"),
        ({"limit": 2, "offset": 1}, "bc"),
        ({"only": ["d", "a"], "limit": 2}, "ad"),
        ({"exclude": ["b"], "limit": 3}, "acd"),
    ):
        data = recommended(api, 5, with_scores=True, **options)["data"]
        assert data["courses"] == list(entries)
        assert data["scores"] == [row.scores["abcd".index(entry)] for entry in entries]


@pytest.mark.parametrize(("offset", "limit"), [(0, 5), (5, 5), (18, 5), (20, 5), (1000, 1)])
def test_an_offset_gives_the_pages_of_the_stored_list(api: Caller, offset, limit):
    answer = recommended(api, FULL_USER, offset=offset, limit=limit, with_scores=True)
    assert answer["data"]["courses"] == COURSES.entries[offset : offset + limit]
    assert answer["data"]["scores"] == COURSES.scores[offset : offset + limit]
    assert answer["source"] == "model"


def test_pages_of_a_fallback_follow_each_other(api: Caller):
    pages = [
        recommended(api, LONELY_USER, offset=start, limit=10)["data"]["courses"]
        for start in (0, 10, 20, 30)
    ]
    assert [course for page in pages for course in page] == POPULAR_COURSES


def test_only_keeps_the_named_entries_in_the_models_order(api: Caller):
    only = [COURSES.entries[15], "elsewhere", COURSES.entries[3]]
    answer = recommended(api, FULL_USER, only=only, limit=2)
    assert answer["data"]["courses"] == [COURSES.entries[3], COURSES.entries[15]]
    users = {"user_handle": FULL_USER, "only": [USERS.entries[19]]}
    answer = api.post("/similar-users", users).get_json()
    assert answer["data"]["similar_users"] == [USERS.entries[19]]


@pytest.mark.parametrize(
    ("chosen", "ranks"),
    [
        ({"tag": ["python"]}, range(1, 20, 2)),
        ({"tag": "PYTHON"}, range(1, 20, 2)),
        ({"tag": ["python"], "language": ["de"]}, [5, 15]),
        ({"tag": ["data", "python"], "language": ["de"]}, [0, 5, 10, 15]),
        ({"price": ["10"], "language": ["de"], "tag": ["sql"]}, [0, 10]),
    ],
)
def test_a_filter_goes_deeper_into_the_stored_list(api: Caller, chosen, ranks):
    body = {"course_handle": COURSE, "filter": chosen}
    answer = api.post("/similar-courses", body).get_json()
    assert answer["data"]["similar_courses"] == [f"near-{rank}" for rank in ranks][:10]


@pytest.mark.parametrize("chosen", [{"colour": ["red"]}, {"tag": ["cobol"]}])
def test_a_filter_that_nothing_passes_gives_an_empty_list(api: Caller, chosen):
    answer = api.post("/similar-courses", {"course_handle": COURSE, "filter": chosen}).get_json()
    assert answer["data"]["similar_courses"] == []


def test_a_filtered_recommendation_is_filled_from_what_passes_alone(api: Caller):
    answer = recommended(api, FULL_USER, filter={"level": ["advanced"]})
    assert answer["data"]["courses"] == COURSES.entries[:10]
    # The popular ones have no facts, so none of them passes.
    answer = recommended(api, FULL_USER, filter={"tag": ["sql"], "language": ["de"]})
    assert answer["data"]["courses"] == [COURSES.entries[rank] for rank in (0, 10)]


@pytest.mark.parametrize(
    "chosen", [[], "x", {"tag": []}, {"tag": [1]}, {f"a{i}": ["x"] for i in range(11)}]
)
def test_a_filter_that_makes_no_sense_is_refused(api: Caller, chosen):
    body = {"user_handle": FULL_USER, "filter": chosen}
    assert_problem(api.post("/recommendations", body), 422, "invalid-request")


def test_users_cannot_be_filtered_by_what_courses_have(api: Caller):
    body = {"user_handle": FULL_USER, "filter": {"tag": ["python"]}}
    problem = assert_problem(api.post("/similar-users", body), 422, "invalid-request")
    assert "filter: is no field of this request" in problem["detail"]


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
