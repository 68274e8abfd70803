"""Tonight against last night, and what the API answers, on generations of known lists."""

import re

import pytest

from server.explorer.last_night import moves_between
from shared.records import ListRow
from tests.server.calls import Caller
from tests.server.explorer.platform import HOSTILE_USER, publish_platform
from tests.server.generations import COURSE, KNN, TFIDF, publish, rows


def without_tags(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (["a", "b"], ["a", "b"], ["a stays", "b stays"]),
        (["b", "a"], ["a", "b"], ["b up 1", "a down 1"]),
        (["c", "a"], ["a", "b"], ["c new", "a down 1", "b left, was 2"]),
        ([], ["a", 7], ["a left, was 1", "7 left, was 2"]),
        ([7, "7"], [], ["7 new", "7 new"]),
    ],
)
def test_what_came_what_left_and_what_moved(now, before, said):
    assert [f"{move.handle} {move.said}" for move in moves_between(now, before)] == said


@pytest.fixture
def nights(app, store):
    """The client of an app whose user 999 has other neighbours by TF-IDF than the night before."""
    publish(store)
    others = [
        row for row in rows() if (row.section, row.subject) != (f"similar_users/{TFIDF}", 999)
    ]
    lists = [20_000 - 1000 + 1, 1, *range(19_002, 19_010)]
    publish(store, [*others, ListRow("similar_users", 999, TFIDF, lists, [0.5] * 10)])
    return app.test_client()


def test_the_lists_of_a_user_are_beside_those_of_the_night_before(nights):
    text = without_tags(nights.get("/explorer/users/changes?handle=999").text)
    assert "9 of 10 were there before" in text
    assert "1 19001 up 1" in text
    assert "2 1 new" in text
    assert "19000 left, was 1" in text
    assert text.count("10 of 10 were there before") >= 5


def test_the_lists_of_a_course_are_likewise(nights):
    text = without_tags(nights.get(f"/explorer/courses/changes?handle=%22{COURSE}%22").text)
    assert text.count("10 of 10 were there before") == 3


def test_the_first_generation_has_nothing_to_be_compared_with(app, store):
    publish(store)
    text = app.test_client().get("/explorer/users/changes?handle=999").text
    assert "nothing to compare with" in text


def test_any_generation_that_is_there_can_be_compared_with(nights, store):
    first = store.generations("default")[0].generation
    publish(store)
    for _ in range(2):
        text = nights.get(f"/explorer/users/changes?handle=999&with={first}").text
        assert f'aria-current="true">{first}' in text
    response = nights.get("/explorer/users/changes?handle=999&with=20200101T000000Z-0000")
    assert response.status_code == 404
    assert nights.get("/explorer/users/changes?handle=999&with=../../etc").status_code == 404
    assert nights.get("/explorer/users/changes").status_code == 400


def test_a_night_before_whose_lists_are_gone_takes_nothing_from_tonight(nights, store, folder):
    first = store.generations("default")[0].generation
    for file in folder.rglob(f"*{first}*.sqlite"):
        file.unlink()
    store._delete_manifest("default", first)
    response = nights.get(f"/explorer/users/changes?handle=999&with={first}")
    assert response.status_code in {404, 503}
    assert nights.get("/explorer/users?handle=999").status_code == 200
    assert nights.get("/ready").get_json()["generation"] == store.live_generation("default")


def test_a_damaged_record_of_what_is_live_takes_nothing_from_tonight_either(nights, store):
    assert nights.get("/explorer/users/changes?handle=999").status_code == 200
    _, version = store._read_record("default", "state")
    store._swap_record("default", "state", b"{}", version)
    refused = nights.get("/explorer/users/changes?handle=999")
    assert refused.status_code == 503
    assert "run_generator.py check" in refused.text
    assert nights.get("/explorer/users?handle=999").status_code == 200
    assert nights.post("/similar-users", json={"user_handle": 999}).status_code == 200


def test_hostile_handles_are_text_there(app, store):
    publish_platform(store)
    publish_platform(store)
    text = app.test_client().get("/explorer/users/changes?handle=%22ada%22").text
    assert HOSTILE_USER not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (999, "source: the model itself ( model )"),
        (7, "source: the fallback popular: the model has nothing for this user"),
        (8, "source: the fallback popular"),
        (12345, "404 There is no such user"),
    ],
)
def test_a_user_s_page_says_what_the_api_answers_and_where_that_comes_from(app, store, user, said):
    publish(store)
    api = Caller(app.test_client())
    text = without_tags(app.test_client().get(f"/explorer/users?handle={user}").text)
    assert said in text
    answer = api.post("/recommendations", {"user_handle": user}).get_json()
    for course in answer.get("data", {}).get("courses", []):
        assert course in text or f"All of {course}" in text


def test_a_user_s_lists_are_a_file_too(app, store):
    publish(store)
    api = Caller(app.test_client())
    records = app.test_client().get("/explorer/users?handle=999&format=json").get_json()
    of_knn = [r for r in records if (r["model_handle"], r["kind"]) == (KNN, "similar_users")]
    assert [record["rank"] for record in of_knn] == list(range(1, 11))
    answer = api.post("/similar-users", {"user_handle": 999, "model_handle": KNN}).get_json()
    assert [record["entry"] for record in of_knn] == answer["data"]["similar_users"][:10]


def test_a_file_holds_no_formula_for_a_spreadsheet(app, store):
    users = ["=cmd()", "+1", "-1", "@x", "\tx", "plain"]
    row = ListRow("similar_users", 999, TFIDF, users, [0.5, 0.4, 0.3, 0.2, 0.1, -0.1])
    publish(store, [row])
    text = app.test_client().get("/explorer/users?handle=999&format=csv").text
    for user in users[:-1]:
        assert f",'{user}," in text
    assert ",plain,-0.1," in text
