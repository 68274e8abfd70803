"""Courses that came since the last run are kept, and known once a refresh has described them."""

import pytest

from server.reading.fresh_lists import SECONDS_BETWEEN_LOOKS
from shared.events import COURSE, NOBODY, Description
from shared.events.log import START
from shared.fresh.lists import Progress
from shared.records import COURSE_FACTS, FactsRow, ListRow
from tests.server.calls import assert_problem
from tests.server.generations import COURSE as OLD
from tests.server.generations import FULL_USER, TFIDF

TENANT = "default"
RUST = {
    "event_id": "c-1",
    "course_handle": "rs-101",
    "title": "Rust",
    "description": "Ownership.",
    "tags": ["rust"],
    "attributes": {"duration": 90, "provider": ["Ann", "Bob"]},
    "available_until": "2027-01-01T01:00:00+01:00",
}


def kept(log):
    return log.read_since(TENANT, START, 1000).events


def test_a_course_is_kept_as_it_was_described(api, log):
    response = api.post("/courses", RUST)
    assert response.status_code == 202
    assert response.get_json() == {"accepted": 1, "repeated": 0, "refused": []}
    (event,) = kept(log)
    assert (event.event_id, event.kind, event.user, event.course) == (
        "c-1",
        COURSE,
        NOBODY,
        "rs-101",
    )
    assert event.described == Description(
        "Rust",
        "Ownership.",
        available_until="2027-01-01T00:00:00.000000Z",
        tags=("rust",),
        attributes={"duration": ["90"], "provider": ["Ann", "Bob"]},
    )


def test_the_same_event_id_again_changes_nothing(api, log):
    api.post("/courses", RUST)
    again = api.post("/courses", RUST | {"title": "Other"}).get_json()
    assert (again["accepted"], again["repeated"]) == (0, 1)
    assert [event.described.title for event in kept(log)] == ["Rust"]


def test_of_several_courses_the_wrong_ones_are_refused_and_the_others_kept(api, log):
    wrong = [RUST | {"title": " "}, RUST | {"level": "Beginner"}, 5, RUST | {"course_handle": ""}]
    answer = api.post("/courses", {"courses": [RUST, *wrong]}).get_json()
    assert answer["accepted"] == len(kept(log)) == 1
    assert [refused["course"] for refused in answer["refused"]] == [1, 2, 3, 4]
    pointers = [refused["errors"][0]["pointer"] for refused in answer["refused"]]
    assert pointers[:2] == ["#/courses/1/title", "#/courses/2/level"]
    assert "its fields are: event_id, course_handle, title" in str(answer["refused"][1])


@pytest.mark.parametrize(
    "body",
    [
        {"courses": []},
        {"courses": [RUST] * 101},
        {"courses": [{}]},
        RUST | {"title": "x" * 1001},
        RUST | {"description": "x" * 20_001},
        RUST | {"tags": ["x"] * 101},
        RUST | {"tags": [7]},
        RUST | {"attributes": {"provider": []}},
        RUST | {"attributes": {f"a{i}": ["x" * 500] * 20 for i in range(3)}},
        RUST | {"available_until": 1767225600},
        RUST | {"available_until": "2027-01-01T00:00:00"},
    ],
)
def test_what_describes_no_course_is_refused(api, log, body):
    assert_problem(api.post("/courses", body), 422, "invalid-request")
    assert kept(log) == []


@pytest.fixture
def refreshed(fresh, generation, clock):
    """As a refresh leaves the new course."""
    facts = {"title": "Rust", "tags": ["rust"], "levels": [], "viewers": 0, "attributes": {}}
    rows = [
        FactsRow(COURSE_FACTS, "rs-101", facts),
        ListRow("similar_courses", "rs-101", TFIDF, [OLD], [0.5]),
        ListRow("recommendations", FULL_USER, TFIDF, ["rs-101", OLD], [0.9, 0.1]),
    ]
    fresh.write(TENANT, generation, rows, Progress(1, "2026-11-30T08:15:02.250+00:00"))
    clock.advance(SECONDS_BETWEEN_LOOKS)


def test_a_new_course_is_described_and_can_be_chosen_by_once_it_was_refreshed(api, refreshed):
    described = api.get("/courses/rs-101").get_json()
    assert (described["title"], described["tags"]) == ("Rust", ["rust"])
    chosen = api.post("/recommendations", {"user_handle": FULL_USER, "filter": {"tag": "rust"}})
    assert chosen.get_json()["data"]["courses"] == ["rs-101"]


def test_its_events_are_of_a_known_course_then(api, refreshed):
    event = {"user_handle": FULL_USER, "course_handle": "rs-101"}
    assert api.post("/interactions", event).get_json()["unknown_courses"] == []


def test_before_that_it_is_unknown(api):
    api.post("/courses", RUST)
    assert_problem(api.get("/courses/rs-101"), 404, "unknown-course")
