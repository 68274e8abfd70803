"""What callers see when nothing is published, or the store goes away under the server."""

import logging
import shutil
import sqlite3

import pytest

from server import create_app
from shared.errors import StoreUnavailable
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import publish

ASK = {"user_handle": 999}
ASK_ANOTHER = {"user_handle": 8}


@pytest.mark.parametrize("path", ["/models", "/ready"])
def test_before_the_first_publish_pages_are_503_with_the_cure(api_before_publishing, path):
    response = api_before_publishing.get(path)
    problem = assert_problem(response, 503, "nothing-published")
    assert "run_generator.py" in problem["detail"]
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/similar-users", "/recommendations"])
def test_before_the_first_publish_lists_are_503(api_before_publishing, path):
    assert_problem(api_before_publishing.post(path, ASK), 503, "nothing-published")


def test_a_process_without_a_store_is_alive(api_before_publishing):
    assert api_before_publishing.get("/health").status_code == 200


def test_the_first_publish_is_served_without_a_restart(api_before_publishing, store):
    assert api_before_publishing.post("/similar-users", ASK).status_code == 503
    publish(store)
    assert api_before_publishing.post("/similar-users", ASK).status_code == 200
    assert api_before_publishing.get("/ready").status_code == 200


def test_wrong_requests_are_refused_even_if_nothing_is_published(api_before_publishing):
    assert_problem(api_before_publishing.post("/similar-users", {}), 422, "invalid-request")


def test_a_store_that_is_moved_away_and_back_needs_no_restart(api, store, folder, caplog):
    assert api.post("/similar-users", ASK).status_code == 200
    away = folder.with_name("away")
    folder.rename(away)
    store.close()
    assert api.post("/similar-users", ASK_ANOTHER).status_code == 503
    assert api.post("/similar-users", ASK).status_code == 200, "remembered"
    assert api.get("/ready").get_json()["status"] == "cache-only"
    away.rename(folder)
    assert api.post("/similar-users", ASK_ANOTHER).status_code == 200
    assert api.get("/ready").get_json()["status"] == "ready"


def test_lists_that_vanish_are_503_until_the_next_publish(api, store, folder, caplog):
    shutil.rmtree(folder / "default")
    store.close()
    response = api.post("/similar-users", ASK)
    problem = assert_problem(response, 503, "store-unavailable")
    assert response.headers["Retry-After"] == "5"
    assert str(folder) not in problem["detail"]
    assert str(folder) in caplog.text
    assert_problem(api.get("/ready"), 503, "store-unavailable")
    publish(store)
    assert api.post("/similar-users", ASK).status_code == 200


def test_a_damaged_control_file_leaves_the_held_generation_serving(api, folder, clock, caplog):
    assert api.post("/similar-users", ASK).status_code == 200
    (folder / "control.sqlite").write_bytes(b"not a database" * 1000)
    clock.advance(60)
    assert api.post("/similar-users", ASK).status_code == 200
    assert api.get("/ready").get_json()["status"] == "degraded"


@pytest.mark.parametrize("cache_mb", [0, 8])
@pytest.mark.parametrize(
    "lose",
    [
        lambda control: control.unlink(),
        lambda control: control.write_bytes(b""),
        lambda control: control.write_bytes(b"not a database" * 1000),
        lambda control: (control.unlink(), control.mkdir()),
    ],
)
def test_as_long_as_lookups_are_answered_it_is_ready(
    store, settings, folder, clock, generation, lose, cache_mb
):
    settings = settings.model_copy(update={"cache_mb": cache_mb})
    api = Caller(create_app(settings, store, clock, in_background=at_once).test_client())
    assert api.get("/ready").get_json()["status"] == "ready"
    lose(folder / "control.sqlite")
    for _ in range(3):
        clock.advance(5)
        assert api.post("/similar-users", ASK).status_code == 200
        ready = api.get("/ready")
        assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
        assert f"{generation} stays" in ready.get_json()["trouble"]
        assert str(folder) not in ready.text


def test_a_failing_disk_is_503_and_logged(api, app, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise StoreUnavailable("The disk of /secret/place is gone.")

    monkeypatch.setattr(app.extensions["kindred"].store, "get_texts", fail)
    response = api.post("/similar-users", ASK)
    assert "/secret/place" not in response.get_data(as_text=True)
    assert_problem(response, 503, "store-unavailable")
    assert "/secret/place" in caplog.text


def test_an_unforeseen_error_is_500_without_its_trace_but_with_one_in_the_log(
    api, app, monkeypatch, caplog
):
    def fail(*_: object) -> None:
        raise sqlite3.InterfaceError("private detail")

    monkeypatch.setattr(app.extensions["kindred"].store, "get_texts", fail)
    with caplog.at_level(logging.ERROR):
        response = api.post("/similar-users", ASK)
    assert "private" not in response.get_data(as_text=True)
    assert "Traceback" not in response.get_data(as_text=True)
    assert_problem(response, 500, "unexpected-error")
    assert "private detail" in caplog.text
    assert "Traceback" in caplog.text


def test_what_a_caller_sends_cannot_forge_a_line_in_the_log(app, generation, monkeypatch, caplog):
    def fail(_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("server.routes.index._described", fail)
    caller = Caller(app.test_client())
    response = caller.get("/problems/unknown-user?x=a%0aforged")
    assert_problem(response, 500, "unexpected-error")
    assert all("\n" not in record.getMessage() for record in caplog.records)
