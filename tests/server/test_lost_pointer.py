"""A server that starts where the record of what is live is lost, or cannot be read."""

import pytest

from server import create_app
from shared.stores import open_store
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import publish
from tests.server.scraping import Scrape

ASK = {"user_handle": 999}
LOSSES = {
    "gone": lambda control: control.unlink(),
    "emptied": lambda control: control.write_bytes(b""),
    "damaged": lambda control: control.write_bytes(b"not a database" * 1000),
    "a folder": lambda control: (control.unlink(), control.mkdir()),
}


def publish_as_a_run_does(store) -> str:
    generation = publish(store)
    store.save_progress(store.live("default"))
    return generation


def start(settings, folder, clock) -> Caller:
    """Another process' server, as far as the store can tell."""
    store = open_store(f"sqlite:///{folder}")
    return Caller(create_app(settings, store, clock, in_background=at_once).test_client())


@pytest.fixture(params=LOSSES.values(), ids=LOSSES)
def lose(request, folder):
    return lambda: request.param(folder / "control.sqlite")


def test_the_newest_generation_is_served_and_the_cure_is_named(
    store, settings, folder, clock, lose, caplog
):
    _, newest = (publish_as_a_run_does(store) for _ in range(2))
    lose()
    api = start(settings, folder, clock)
    for _ in range(3):
        assert api.post("/similar-users", ASK).get_json()["generation"] == newest
        ready = api.get("/ready").get_json()
        assert (ready["status"], ready["generation"]) == ("degraded", newest)
        assert "run_generator.py check" in ready["trouble"]
        assert str(folder) not in ready["trouble"]
        metrics = Scrape(api.get("/metrics").get_data(as_text=True))
        assert metrics.total("kindred_live_generation_degraded") == 1
        clock.advance(5)
    assert f"{newest}, the newest whole, is served" in caplog.text


def test_one_that_is_damaged_is_passed_over(store, settings, folder, clock, lose):
    older, newest = (publish_as_a_run_does(store) for _ in range(2))
    path = folder / "default" / f"{newest}.sqlite"
    path.write_bytes(path.read_bytes()[:-100])
    lose()
    api = start(settings, folder, clock)
    assert api.post("/similar-users", ASK).get_json()["generation"] == older


def test_what_was_never_published_is_not_served(store, settings, folder, clock, lose):
    publish(store)
    lose()
    api = start(settings, folder, clock)
    assert api.post("/similar-users", ASK).status_code == 503
    assert api.get("/ready").status_code == 503


def test_once_the_record_is_made_anew_the_server_is_ready(store, settings, folder, clock):
    newest = publish_as_a_run_does(store)
    (folder / "control.sqlite").unlink()
    api = start(settings, folder, clock)
    assert api.get("/ready").get_json()["status"] == "degraded"
    assert open_store(f"sqlite:///{folder}").adopt("default") == [newest]
    clock.advance(5)
    api.post("/similar-users", ASK)
    assert api.get("/ready").get_json()["status"] == "ready"


def test_a_lost_record_of_a_tenant_without_lists_is_still_nothing_published(
    store, settings, folder, clock
):
    publish_as_a_run_does(store)
    (folder / "control.sqlite").unlink()
    settings = settings.model_copy(update={"tenant": "other"})
    response = start(settings, folder, clock).post("/similar-users", ASK)
    assert_problem(response, 503, "nothing-published")
