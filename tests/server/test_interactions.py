"""Events come in, are durable when they are answered, and change lists in the very next answer."""

import json
import sqlite3

import pytest

from server import ROUTES, create_app
from server.reading import recent_events
from shared.errors import StoreUnavailable
from shared.events import Event
from shared.events.log import START
from shared.events.sqlite import SQLiteEventLog
from tests.server.access.keys import add_key
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import (
    COURSE,
    FULL_USER,
    NO_COURSES_USER,
    POPULAR_COURSES,
    TFIDF,
    courses_for,
)

TENANT = "default"
VIEW = {"event_id": "e-1", "user_handle": FULL_USER, "course_handle": "tfid-0", "seconds": 60}
FIRST = courses_for(FULL_USER, TFIDF).entries


def kept(log):
    return log.read_since(TENANT, START, 1000).events


def recommended(api, **asked):
    return api.post("/recommendations", {"user_handle": FULL_USER, **asked}).get_json()


def test_an_event_is_kept_as_it_was_sent(api, log):
    sent = VIEW | {"time": "2026-11-30T14:00:00.5+02:00", "answer_id": "a-7"}
    response = api.post("/interactions", sent)
    assert response.status_code == 202
    assert response.get_json() == {
        "accepted": 1,
        "repeated": 0,
        "refused": [],
        "unknown_courses": [],
    }
    assert kept(log) == [
        Event(
            "e-1",
            "view",
            FULL_USER,
            "2026-11-30T12:00:00.500000Z",
            "tfid-0",
            seconds=60.0,
            answer_id="a-7",
        )
    ]


def test_times_of_early_years_are_written_so_that_they_can_be_read(api, log):
    api.post("/interactions", VIEW | {"time": "0007-01-02T03:04:05Z"})
    assert kept(log)[0].at == "0007-01-02T03:04:05.000000Z"


def test_the_same_id_again_changes_nothing(api, log):
    first = api.post("/interactions", VIEW)
    again = api.post("/interactions", VIEW | {"seconds": 61})
    assert (first.get_json()["accepted"], again.get_json()["accepted"]) == (1, 0)
    assert again.get_json()["repeated"] == 1
    assert [event.seconds for event in kept(log)] == [60.0]


def test_events_without_an_id_are_events_of_their_own(api, log):
    anonymous = {name: value for name, value in VIEW.items() if name != "event_id"}
    api.post("/interactions", {"events": [anonymous, anonymous]})
    assert len({event.event_id for event in kept(log)}) == 2


def test_wrong_events_are_named_and_the_others_are_kept(api, log):
    wrong = {"user_handle": 7, "kind": "rating", "course_handle": "tfid-0"}
    answer = api.post("/interactions", {"events": [VIEW, wrong, 5, VIEW | {"event_id": "e-2"}]})
    body = answer.get_json()
    assert (answer.status_code, body["accepted"]) == (202, 2)
    assert [refusal["event"] for refusal in body["refused"]] == [1, 2]
    assert "value is required of rating" in body["refused"][0]["errors"][0]["detail"]
    assert body["refused"][0]["errors"][0]["pointer"] == "#/events/1"
    assert body["refused"][1]["errors"][0]["detail"] == "must be a JSON object"
    assert [event.event_id for event in kept(log)] == ["e-1", "e-2"]


def test_courses_that_nobody_knows_are_kept_and_said(api, log):
    event = VIEW | {"course_handle": "brand-new"}
    assert api.post("/interactions", event).get_json()["unknown_courses"] == ["brand-new"]
    assert kept(log)[0].course == "brand-new"


@pytest.mark.parametrize(
    ("changed", "pointer", "words"),
    [
        ({"user_handle": None}, "user_handle", "integer of 64 bits"),
        ({"user_handle": True}, "user_handle", "integer of 64 bits"),
        ({"course_handle": None}, "", "course_handle is required of view"),
        ({"kind": "purchase"}, "kind", "'view'"),
        ({"kind": "interest"}, "", "interest_tag is required of interest"),
        ({"value": 3}, "", "value is nothing that view has"),
        ({"seconds": -1}, "seconds", "greater than or equal to 0"),
        ({"seconds": 1e10}, "seconds", "less than or equal to"),
        ({"seconds": "60"}, "seconds", "must be a number"),
        ({"time": "yesterday"}, "time", "datetime"),
        ({"time": 1764504000}, "time", "ISO 8601"),
        ({"time": "2026-11-30T12:00:00"}, "time", "timezone"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time", "years 1 to 9999"),
        ({"time": "9999-12-31T23:00:00-14:00"}, "time", "years 1 to 9999"),
        ({"event_id": ""}, "event_id", "at least 1 character"),
        ({"event_id": "a\nb"}, "event_id", "pattern"),
        ({"sesconds": 1}, "sesconds", "is no field of this request; its fields are: event_id"),
    ],
)
def test_what_is_wrong_is_said_by_field(api, log, changed, pointer, words):
    problem = assert_problem(api.post("/interactions", VIEW | changed), 422, "invalid-request")
    (error,) = problem["errors"]
    assert error["pointer"] == "/".join(filter(None, ["#/events/0", pointer]))
    assert words in error["detail"]
    assert kept(log) == []


@pytest.mark.parametrize("body", [{"events": []}, {"events": [VIEW] * 501}, {"events": "x"}])
def test_there_are_1_to_500_events(api, log, body):
    assert_problem(api.post("/interactions", body), 422, "invalid-request")
    assert kept(log) == []


def test_five_hundred_of_the_longest_events_are_not_too_large(api, log):
    longest = {
        "user_handle": "\U0001f600" * 512,
        "course_handle": "\U0001f600" * 512,
        "answer_id": "a" * 128,
    }
    events = [longest | {"event_id": f"{number:0128}"} for number in range(500)]
    text = json.dumps({"events": events}, ensure_ascii=False).encode()
    assert api.send("/interactions", text).get_json()["accepted"] == 500


@pytest.mark.parametrize("kind", ["view", "completion", "rating", "dismissal"])
def test_a_course_that_was_taken_up_is_not_in_the_very_next_answer(api, kind):
    assert recommended(api)["data"]["courses"] == FIRST[:10]
    more = {"value": 4} if kind == "rating" else {}
    api.post(
        "/interactions", {"user_handle": FULL_USER, "kind": kind, "course_handle": FIRST[2], **more}
    )
    answer = recommended(api)
    assert answer["data"]["courses"] == [*FIRST[:2], *FIRST[3:11]]
    assert answer["source"] == "model"


def test_other_users_and_other_handles_of_the_same_name_keep_their_lists(api):
    api.post("/interactions", VIEW | {"user_handle": str(FULL_USER)})
    assert recommended(api)["data"]["courses"] == FIRST[:10]


def test_pages_of_a_list_go_on_where_they_ended_after_an_event(api):
    api.post("/interactions", VIEW)
    pages = [recommended(api, limit=5, offset=offset)["data"]["courses"] for offset in (0, 5)]
    assert pages == [FIRST[1:6], FIRST[6:11]]


def test_a_copy_that_a_client_has_is_not_the_answer_any_more(api, app):
    client = app.test_client()
    asked = {"json": {"user_handle": FULL_USER}}
    tag = client.post("/recommendations", **asked).headers["ETag"]
    unchanged = client.post("/recommendations", **asked, headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    api.post("/interactions", VIEW)
    changed = client.post("/recommendations", **asked, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_in_a_batch_each_user_loses_their_own(api):
    api.post("/interactions", VIEW)
    api.post("/interactions", {"user_handle": NO_COURSES_USER, "course_handle": POPULAR_COURSES[2]})
    users = {"user_handles": [FULL_USER, NO_COURSES_USER], "limit": 2}
    first, second = api.post("/recommendations/batch", users).get_json()["results"]
    assert first["data"]["courses"] == FIRST[1:3]
    assert second["data"]["courses"] == ["popular-3", "popular-5"]


def test_similar_courses_are_without_what_the_user_took_up(api):
    asked = {"course_handle": COURSE, "user_handle": FULL_USER, "limit": 2}
    assert api.post("/similar-courses", asked).get_json()["data"]["similar_courses"] == [
        "near-0",
        "near-1",
    ]
    api.post("/interactions", VIEW | {"course_handle": "near-1"})
    assert api.post("/similar-courses", asked).get_json()["data"]["similar_courses"] == [
        "near-0",
        "near-3",
    ]


def test_following_a_tag_takes_no_course_away(api, log):
    event = {"user_handle": FULL_USER, "kind": "interest", "interest_tag": "python"}
    assert api.post("/interactions", event).status_code == 202
    assert recommended(api)["data"]["courses"] == FIRST[:10]


def test_events_of_one_tenant_are_nothing_to_another(api, log):
    log.append("globex", [Event("x", "view", FULL_USER, "2026-01-01T00:00:00Z", "tfid-0")])
    assert recommended(api)["data"]["courses"] == FIRST[:10]


def test_lists_are_served_while_the_log_cannot_be_read(api, folder, log, caplog):
    api.post("/interactions", VIEW)
    log.close()
    (folder / TENANT / "events.db").write_bytes(b"no database")
    for name in ("events.db-wal", "events.db-shm"):
        (folder / TENANT / name).unlink(missing_ok=True)
    log._readers.__dict__.clear()
    assert recommended(api)["data"]["courses"] == FIRST[:10]
    assert "as if nobody had done anything" in caplog.text
    answer = api.post("/interactions", VIEW)
    assert_problem(answer, 503, "events-not-kept")
    assert "under the same `event_id`s" in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_full_log_takes_no_more_and_says_what_to_do(settings, store, log, generation):
    few = settings.model_copy(update={"events_kept": 1})
    api = Caller(create_app(few, store, in_background=at_once, log=log).test_client())
    assert api.post("/interactions", VIEW).status_code == 202
    problem = assert_problem(api.post("/interactions", VIEW), 429, "too-many-events")
    assert "events compact" in problem["detail"]


def test_a_store_without_a_log_says_so(settings, store, generation):
    api = Caller(create_app(settings, store, in_background=at_once).test_client())
    assert_problem(api.post("/interactions", VIEW), 501, "no-event-log")


def test_before_anything_is_published_events_are_kept_all_the_same(api_before_publishing, log):
    assert api_before_publishing.post("/interactions", VIEW).status_code == 202
    assert len(kept(log)) == 1


def test_keys_do_what_they_were_made_for(settings, store, log, generation, tmp_path):
    file = tmp_path / "keys.json"
    keys = {rights: add_key(file, rights=rights)[1] for rights in ("read", "write", "read,write")}
    guarded = settings.model_copy(update={"api_keys_file": str(tmp_path / "keys.json")})
    client = create_app(guarded, store, in_background=at_once, log=log).test_client()

    def status(path, body, key):
        return client.post(path, json=body, headers={"X-API-Key": key}).status_code

    lists = "/recommendations", {"user_handle": FULL_USER}
    assert [status("/interactions", VIEW, key) for key in keys.values()] == [403, 202, 202]
    assert [status("/interactions/", VIEW, key) for key in keys.values()] == [403, 202, 202]
    assert [status(*lists, key) for key in keys.values()] == [200, 403, 200]
    for module in ROUTES["events"]:
        (path,) = [
            f"{rule}"
            for rule in client.application.url_map.iter_rules()
            if rule.endpoint.startswith(f"{module.routes.name}.")
        ]
        assert [status(path, {}, key) for key in keys.values()] == [403, 422, 422]


def test_rows_of_the_log_hold_no_more_than_was_sent(api, folder):
    api.post("/interactions", VIEW | {"time": "2026-11-30T12:00:00Z"})
    connection = sqlite3.connect(folder / TENANT / "events.db")
    assert connection.execute("SELECT event_id, user FROM events").fetchall() == [("e-1", 999)]
    connection.close()


def test_what_another_process_keeps_first_is_seen_after_a_while_and_then_at_once(api, clock, log):
    """Only that there is nothing at all is remembered."""
    assert recommended(api)["data"]["courses"] == FIRST[:10]
    log.append(TENANT, [Event("x", "view", FULL_USER, "2026-01-01T00:00:00Z", "tfid-0")])
    assert recommended(api)["data"]["courses"] == FIRST[:10]
    clock.advance(5)
    assert recommended(api)["data"]["courses"] == FIRST[1:11]
    log.append(TENANT, [Event("y", "view", FULL_USER, "2026-01-02T00:00:00Z", "tfid-1")])
    assert recommended(api)["data"]["courses"] == FIRST[2:12]


def test_who_is_forgotten_gets_their_list_back_at_once(api, log):
    api.post("/interactions", VIEW)
    assert recommended(api)["data"]["courses"] == FIRST[1:11]
    log.forget(TENANT, FULL_USER)
    assert recommended(api)["data"]["courses"] == FIRST[:10]


def test_what_more_users_did_than_are_remembered_is_known_all_the_same(api, monkeypatch):
    monkeypatch.setattr(recent_events, "REMEMBERED", 1)
    others = POPULAR_COURSES[2]
    api.post("/interactions", VIEW)
    api.post("/interactions", {"user_handle": NO_COURSES_USER, "course_handle": others})
    for _ in range(2):
        assert recommended(api)["data"]["courses"] == FIRST[1:11]
        assert others not in recommended(api, user_handle=NO_COURSES_USER)["data"]["courses"]


def test_who_did_nothing_is_looked_up_without_a_row_of_the_log(api, log, monkeypatch):
    api.post("/interactions", VIEW | {"user_handle": NO_COURSES_USER})
    recommended(api)
    monkeypatch.setattr(type(log), "of_user", lambda *_: pytest.fail("read a row"))
    monkeypatch.setattr(type(log), "users_since", lambda *_: pytest.fail("read rows"))
    assert recommended(api)["data"]["courses"] == FIRST[:10]


class Elsewhere(SQLiteEventLog):
    """A log that a look takes long at."""

    reads_are_local = False
    looks = 0

    def has_changed(self, tenant):
        self.looks += 1
        return super().has_changed(tenant)


@pytest.fixture
def elsewhere(settings, store, clock, generation, folder):
    log = Elsewhere(folder)
    app = create_app(settings, store, clock, in_background=at_once, log=log)
    yield Caller(app.test_client()), log
    log.close()


def test_a_log_elsewhere_is_looked_at_now_and_then_and_own_events_count_at_once(elsewhere, clock):
    api, log = elsewhere
    api.post("/interactions", VIEW)
    assert recommended(api)["data"]["courses"] == FIRST[1:11]
    log.append(TENANT, [Event("y", "view", FULL_USER, "2026-01-02T00:00:00Z", "tfid-1")])
    looks = log.looks
    assert recommended(api)["data"]["courses"] == FIRST[1:11]
    assert log.looks == looks
    clock.advance(5)
    assert recommended(api)["data"]["courses"] == FIRST[2:12]
    api.post("/interactions", VIEW | {"event_id": "z", "course_handle": "tfid-2"})
    assert recommended(api)["data"]["courses"] == FIRST[3:13]


def test_a_log_elsewhere_that_does_not_answer_is_waited_for_once_in_a_while(
    elsewhere, clock, monkeypatch
):
    api, log = elsewhere
    api.post("/interactions", VIEW)

    def away(_):
        log.looks += 1
        raise StoreUnavailable("away")

    with monkeypatch.context() as outage:
        outage.setattr(log, "has_changed", away)
        for _ in range(3):
            assert recommended(api)["data"]["courses"] == FIRST[:10]
        assert log.looks == 1
    clock.advance(5)
    assert recommended(api)["data"]["courses"] == FIRST[1:11]
