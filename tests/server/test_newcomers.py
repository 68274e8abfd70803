"""Users whom nobody knows get lists as soon as they have said or done anything."""

import pytest

from shared.events.log import START
from shared.records import RANKINGS, ListRow, group_key
from tests.server.calls import assert_problem
from tests.server.generations import FULL_USER, POPULAR, POPULAR_COURSES, TFIDF, publish, rows

NEW = 4711
OF_GROUPS = {
    "interest/python": ["py-1", "py-2", "both", "py-3"],
    "segment/role/Developer": ["both", "dev-1", "py-2"],
    "tag/sewing": ["sew-1"],
}
MERGED = ["both", "py-2", "py-1", "dev-1", "py-3"]
SAID = {
    "event_id": "signup",
    "user_handle": NEW,
    "attributes": {"Role": "developer"},
    "interests": ["Python"],
}


@pytest.fixture
def generation(store):
    ranked = [
        ListRow(RANKINGS, group_key(group), POPULAR, courses, [9.0] * len(courses))
        for group, courses in OF_GROUPS.items()
    ]
    return publish(store, [*rows(), *ranked])


def recommended(api, user=NEW, **asked):
    return api.post("/recommendations", {"user_handle": user, **asked})


def test_who_has_said_nothing_is_unknown(api):
    assert_problem(recommended(api), 404, "unknown-user")


def test_what_a_user_says_of_themselves_is_kept_once(api, log):
    response = api.post("/users", SAID)
    assert response.status_code == 201
    assert response.get_json() == {"user_handle": NEW, "accepted": 2, "repeated": 0}
    assert api.post("/users", SAID).get_json()["repeated"] == 2
    kinds = [
        (event.kind, event.attribute, event.tag)
        for event in log.read_since("default", START, 10).events
    ]
    assert kinds == [("attribute", "Role", "developer"), ("interest", None, "Python")]


def test_a_newcomers_list_is_merged_by_rank_from_the_groups_they_are_in(api):
    api.post("/users", SAID)
    answer = recommended(api, with_scores=True).get_json()
    assert answer["data"]["courses"] == MERGED
    assert answer["data"]["model_handle"] == POPULAR
    assert answer["source"] == "cold-start:interest/python+segment/role/developer"
    by_hand = {
        "both": (61 / 63 + 61 / 61) / 2,
        "py-1": 61 / 61 / 2,
        "py-2": (61 / 62 + 61 / 63) / 2,
        "dev-1": 61 / 62 / 2,
        "py-3": 61 / 64 / 2,
    }
    assert sorted(by_hand, key=by_hand.get, reverse=True) == MERGED
    assert answer["data"]["scores"] == [round(by_hand[course], 6) for course in MERGED]


def test_each_entry_says_which_groups_it_is_from(api):
    api.post("/users", SAID)
    both, _, python, *_ = recommended(api, with_reasons=True).get_json()["data"]["reasons"]
    assert both["kind"] == "groups"
    assert both["count"] == 2
    assert both["sentence"] == "viewed by others of developer, python"
    assert python["sentence"] == "viewed by others of python"
    assert python["strongest"] == [{"name": "interest/python", "share": 1.0}]


def test_an_interest_that_nobody_follows_is_looked_up_as_a_tag_of_courses(api):
    api.post("/users", {"user_handle": NEW, "interests": ["sewing"]})
    answer = recommended(api).get_json()
    assert (answer["data"]["courses"], answer["source"]) == (
        ["sew-1"],
        "cold-start:interest/sewing",
    )


def test_an_interest_that_came_as_an_event_counts_alike(api):
    event = {"user_handle": NEW, "kind": "interest", "interest_tag": "PYTHON"}
    api.post("/interactions", event)
    assert recommended(api).get_json()["source"] == "cold-start:interest/python"


def test_what_a_newcomer_takes_up_leaves_their_list(api):
    api.post("/users", SAID)
    api.post("/interactions", {"user_handle": NEW, "course_handle": "both"})
    assert recommended(api).get_json()["data"]["courses"] == MERGED[1:]
    assert recommended(api, exclude=["py-1"], limit=2).get_json()["data"]["courses"] == [
        "py-2",
        "dev-1",
    ]


@pytest.mark.parametrize(
    "event",
    [{"course_handle": POPULAR_COURSES[1]}, {"kind": "interest", "interest_tag": "cobol"}],
)
def test_of_whom_no_group_is_ranked_gets_what_everybody_gets(api, event):
    api.post("/interactions", {"user_handle": NEW, **event})
    answer = recommended(api, limit=3).get_json()
    taken = event.get("course_handle")
    assert answer["data"]["courses"] == [c for c in POPULAR_COURSES if c != taken][:3]
    assert answer["source"] == "fallback:popular"


def test_known_users_keep_their_models_whatever_they_say_of_themselves(api):
    api.post("/users", SAID | {"user_handle": FULL_USER})
    answer = recommended(api, FULL_USER).get_json()
    assert (answer["source"], answer["data"]["model_handle"]) == ("model", TFIDF)


def test_a_batch_has_newcomers_and_strangers_each_with_their_own(api):
    api.post("/users", SAID)
    asked = {"user_handles": [NEW, 4712, FULL_USER]}
    results = api.post("/recommendations/batch", asked).get_json()["results"]
    assert results[0]["source"].startswith("cold-start:")
    assert results[1]["error"]["status"] == 404
    assert results[2]["source"] == "model"


def test_a_newcomer_has_similar_users_only_after_the_next_run(api):
    api.post("/users", SAID)
    assert_problem(api.post("/similar-users", {"user_handle": NEW}), 404, "unknown-user")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"attributes": {}, "interests": []}, "Nothing is said"),
        ({"attributes": {"role": ""}}, "at least 1 character"),
        ({"attributes": {"role": {"a": 1}}}, "valid string"),
        ({"attributes": {str(n): "x" for n in range(51)}}, "at most 50"),
        ({"interests": ["x"] * 101}, "at most 100"),
        ({"user_handle": ""}, "1 to 512"),
        ({"name": "Ada"}, "is no field of this request; its fields are: event_id, user_handle"),
    ],
)
def test_what_is_wrong_is_said(api, log, changed, words):
    problem = assert_problem(api.post("/users", SAID | changed), 422, "invalid-request")
    assert words in problem["detail"]
    assert log.read_since("default", START, 1).events == []


def test_the_explorer_shows_what_a_newcomer_is_answered_and_of_which_groups(api):
    def page() -> str:
        return api.get(f"/explorer/users?handle={NEW}").text

    assert "made now for a newcomer" not in page()
    api.post("/users", SAID)
    text = page()
    assert "made now for a newcomer, of what is ranked for " in text
    assert "cold-start:" in text
    for course in MERGED:
        assert f"%22{course}%22" in text
