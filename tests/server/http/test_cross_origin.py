"""Pages of other origins, as browsers let them ask (https://fetch.spec.whatwg.org/)."""

import pytest

from server import create_app
from shared.errors import SettingsError
from shared.settings import ServerSettings
from tests.server.access.keys import add_key
from tests.server.generations import publish

PAGE = "https://learn.example.org"
ASK = {"user_handle": 999}
FIRST = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-api-key",
}


@pytest.fixture
def client_for(settings, store, clock, tmp_path):
    publish(store)
    key_file = tmp_path / "api_keys.json"

    def make(*origins: str):
        changed = {"cors_origins": list(origins), "api_keys_file": str(key_file)}
        return create_app(settings.model_copy(update=changed), store, clock).test_client()

    return make


@pytest.fixture
def key(tmp_path) -> str:
    return add_key(tmp_path / "api_keys.json")[1]


def cors_headers(response):
    return {name for name, _ in response.headers if name.startswith("Access-Control-")}


def test_without_the_setting_no_page_of_another_origin_may_read(client_for):
    client = client_for()
    asked = client.post("/similar-users", json=ASK, headers={"Origin": PAGE})
    first = client.options("/similar-users", headers={"Origin": PAGE, **FIRST})
    assert cors_headers(asked) == cors_headers(first) == set()
    assert "Origin" not in asked.headers["Vary"]


def test_a_page_asks_first_without_its_key_and_then_with_it(client_for, key):
    client = client_for(PAGE)
    first = client.options("/similar-users", headers={"Origin": PAGE, **FIRST})
    assert (first.status_code, first.data) == (204, b"")
    assert first.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in first.headers["Access-Control-Allow-Methods"]
    allowed = first.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "x-api-key", "if-none-match"} <= set(allowed)
    headers = {"Origin": PAGE, "X-API-Key": key}
    asked = client.post("/similar-users", json=ASK, headers=headers)
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    exposed = asked.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "X-Request-ID"} <= set(exposed)
    assert "Origin" in ", ".join(asked.headers.getlist("Vary"))


def test_a_page_may_read_why_it_was_refused(client_for, key):
    refused = client_for(PAGE).post("/similar-users", json=ASK, headers={"Origin": PAGE})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE


@pytest.mark.parametrize(
    "origin", ["https://example.org", f"{PAGE}.evil.example", f"{PAGE}:8443", "null", ""]
)
def test_other_origins_are_not_allowed_and_caches_are_told_apart(client_for, origin):
    client = client_for(PAGE)
    asked = client.post("/similar-users", json=ASK, headers={"Origin": origin})
    first = client.options("/similar-users", headers={"Origin": origin, **FIRST})
    assert cors_headers(asked) == cors_headers(first) == set()
    assert "Origin" in ", ".join(asked.headers.getlist("Vary"))


@pytest.mark.parametrize("origins", [("*",), (PAGE,)])
def test_a_page_may_never_use_the_cookies_of_its_reader(client_for, origins):
    client = client_for(*origins)
    asked = client.post("/similar-users", json=ASK, headers={"Origin": PAGE})
    first = client.options("/similar-users", headers={"Origin": PAGE, **FIRST})
    assert asked.headers["Access-Control-Allow-Origin"] == ("*" if origins == ("*",) else PAGE)
    for response in (asked, first):
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_origins_are_read_from_a_list_with_commas_in_any_case(monkeypatch):
    monkeypatch.setenv("CORS_ORIGINS", f"{PAGE.upper()}, http://localhost:3000")
    assert ServerSettings.load().cors_origins == [PAGE, "http://localhost:3000"]


@pytest.mark.parametrize("origin", ["learn.example.org", f"{PAGE}/", f"{PAGE}/page", "null", "*.x"])
def test_what_is_no_origin_is_refused_with_how_to_write_it(origin):
    with pytest.raises(SettingsError, match=r"CORS_ORIGINS.*https://NAME"):
        ServerSettings.load(cors_origins=origin)
