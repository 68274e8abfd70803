"""One program, three services: lookups, events, or both (SERVER_ROLES)."""

import pytest
from pydantic import ValidationError

from server import create_app
from server.http.interactions import INTERACTIONS
from shared.errors import SettingsError
from shared.settings import ServerSettings
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import FULL_USER

EVENT = {"user_handle": FULL_USER, "course_handle": "tfid-0"}
LOOKUP = "/recommendations", {"user_handle": FULL_USER}
HTML = {"Accept": "text/html"}


@pytest.fixture
def client(settings, store, log, generation):
    def as_a(*roles):
        chosen = settings.model_copy(update={"server_roles": list(roles)})
        return create_app(chosen, store, in_background=at_once, log=log).test_client()

    return as_a


def test_a_server_of_lookups_takes_no_events(client, log):
    api = Caller(client("lookups"))
    assert api.post(*LOOKUP).status_code == 200
    assert_problem(api.post("/interactions", EVENT), 404, "unknown-route")
    assert_problem(api.post("/users", {"user_handle": 5}), 404, "unknown-route")
    assert log.size("default") == 0


def test_a_server_of_events_answers_no_lists_and_has_no_explorer(client, log):
    client = client("events")
    api = Caller(client)
    assert api.post(INTERACTIONS, EVENT).status_code == 202
    assert log.size("default") == 1
    for path in ("/similar-users", "/recommendations", "/recommendations/batch"):
        assert_problem(api.post(path, {"user_handle": FULL_USER}), 404, "unknown-route")
    for path in ("/explorer", "/explorer/users", "/models", "/rankings"):
        assert client.get(path).status_code == 404
    assert [api.get(path).status_code for path in ("/health", "/ready", "/docs")] == [200] * 3


def test_each_says_what_it_offers(client):
    offered = {}
    for roles in (("lookups",), ("events",), ("lookups", "events")):
        api = Caller(client(*roles))
        routes = set(api.get("/").get_json()["routes"])
        described = api.get("/openapi.json").get_json()["paths"]
        assert {route.split(" ")[1] for route in routes} >= set(described)
        offered[roles] = routes
    lookups, events, both = offered.values()
    assert lookups | events == both
    assert "GET /explorer" in lookups - events
    assert "POST /interactions" in events - lookups


def test_browsers_get_json_where_there_is_no_explorer_to_show_pages(client):
    client = client("events")
    for path in ("/", "/nowhere"):
        assert client.get(path, headers=HTML).mimetype in (
            "application/json",
            "application/problem+json",
        )


def test_roles_that_there_are_none_of_are_refused(monkeypatch):
    monkeypatch.setenv("SERVER_ROLES", "events")
    assert ServerSettings(_env_file=None).server_roles == ["events"]
    monkeypatch.setenv("SERVER_ROLES", "both")
    with pytest.raises((SettingsError, ValidationError), match="lookups"):
        ServerSettings(_env_file=None)
