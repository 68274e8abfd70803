"""Signing in with a key, and what a session is worth."""

import re

import pytest

from tests.server.access.keys import add_key, remove_key

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
ASKED = "/explorer/users?handle=%22ada%22"


def sign_in(client, key: str, **form: str):
    return client.post("/explorer/sign-in", data={"key": key} | form, headers=SAME_ORIGIN)


@pytest.mark.parametrize("path", ["", "/users", "/handles", "/models", "/generations", "/try",
                                  "/operations", "/operations/figures"])  # fmt: skip
def test_without_a_session_every_page_leads_to_the_form(guarded, path):
    client, *_ = guarded
    response = client.get(f"/explorer{path}")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/explorer/sign-in")


def test_the_key_opens_the_page_that_was_asked(guarded):
    client, key, *_ = guarded
    form = client.get(client.get(ASKED).headers["Location"]).text
    asked = re.search(r'name="next" value="([^"]+)"', form).group(1)
    response = sign_in(client, key, next=asked)
    assert (response.status_code, response.headers["Location"]) == (303, ASKED)
    cookie = response.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/explorer"))
    assert "Secure" not in cookie
    assert key not in cookie
    assert client.get(ASKED).status_code == 200


def test_over_https_the_cookie_is_for_https_alone(guarded):
    client, key, *_ = guarded
    response = client.post(
        "/explorer/sign-in", data={"key": key}, headers=SAME_ORIGIN, base_url="https://localhost"
    )
    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("key", ["", "wrong", "kindred_000000000000_" + "0" * 64])
def test_a_wrong_key_opens_nothing(guarded, key):
    client, *_ = guarded
    response = sign_in(client, key)
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers
    assert client.get(ASKED).status_code == 303


def test_signing_out_ends_it(guarded):
    client, key, *_ = guarded
    sign_in(client, key)
    client.post("/explorer/sign-out", headers=SAME_ORIGIN)
    assert client.get(ASKED).status_code == 303


def test_a_session_lasts_twelve_hours_and_not_a_second_longer(guarded, monkeypatch):
    client, key, *_ = guarded
    signed_in_at = 1_800_000_000
    monkeypatch.setattr("time.time", lambda: signed_in_at)
    assert "Max-Age=43200" in sign_in(client, key).headers["Set-Cookie"]
    for hours, status in ((1, 200), (12, 200), (12 + 1 / 3600, 303)):
        monkeypatch.setattr("time.time", lambda hours=hours: signed_in_at + 3600 * hours)
        assert client.get(ASKED).status_code == status


def test_a_revoked_key_ends_its_sessions(guarded, clock):
    client, key, path, key_id = guarded
    add_key(path)
    sign_in(client, key)
    remove_key(path, key_id)
    clock.advance(10)
    assert client.get(ASKED).status_code == 303


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + "~", lambda t: t.partition(".")[0], str.upper]
)
def test_a_session_cannot_be_made_up(guarded, spoil):
    client, key, *_ = guarded
    sign_in(client, key)
    token = client.get_cookie("kindred_session", path="/explorer").value
    client.set_cookie("kindred_session", spoil(token), path="/explorer")
    assert client.get(ASKED).status_code == 303


def test_the_signature_of_one_key_is_none_of_another(guarded):
    client, key, path, key_id = guarded
    other_id, _ = add_key(path, tenant="other")
    sign_in(client, key)
    token = client.get_cookie("kindred_session", path="/explorer").value
    client.set_cookie("kindred_session", token.replace(key_id, other_id, 1), path="/explorer")
    assert client.get(ASKED).status_code == 303


def test_a_session_sees_the_lists_of_its_own_tenant(guarded, clock):
    client, _, path, _ = guarded
    _, key = add_key(path, tenant="other")
    clock.advance(10)
    sign_in(client, key)
    response = client.get(ASKED)
    assert response.status_code == 503
    assert "Tenant other has no published generation" in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/theme", "/try"])
def test_forms_of_other_sites_are_refused(guarded, headers, path):
    client, key, *_ = guarded
    response = client.post(f"/explorer{path}", data={"key": key}, headers=headers)
    assert response.status_code == 400
    assert "Set-Cookie" not in response.headers


def test_browsers_without_fetch_metadata_show_their_origin(guarded):
    client, key, *_ = guarded
    response = client.post(
        "/explorer/sign-in", data={"key": key}, headers={"Origin": "http://localhost"}
    )
    assert response.status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example", "//evil.example", "/explorer\\@evil", "/docs", "explorer"),
        *("/explorer\n", "/explorer\r\nSet-Cookie: forged=1", "/explorer/\x00", "/explorer\u2028"),
    ],
)
def test_signing_in_leads_nowhere_else(guarded, address):
    client, key, *_ = guarded
    assert sign_in(client, key, next=address).headers["Location"] == "/explorer/users"


@pytest.mark.parametrize("address", ["/explorer\n", "/explorer/users\r\nSet-Cookie: forged=1"])
def test_choosing_a_theme_leads_nowhere_else(explorer, address):
    response = explorer.post(
        "/explorer/theme", data={"here": address, "theme": "dark"}, headers=SAME_ORIGIN
    )
    assert (response.status_code, response.headers["Location"]) == (303, "/explorer/users")
    assert "forged" not in str(response.headers)


def test_the_api_takes_no_session(guarded):
    client, key, *_ = guarded
    sign_in(client, key)
    assert client.post("/similar-users", json={"user_handle": "ada"}).status_code == 401


def test_a_theme_is_remembered_and_nothing_else_is_taken_for_one(explorer):
    for theme, expected in (("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')):
        explorer.post("/explorer/theme", data={"theme": theme}, headers=SAME_ORIGIN)
        assert expected in explorer.get("/explorer").text
    explorer.post("/explorer/theme", data={"theme": '"><script>'}, headers=SAME_ORIGIN)
    assert 'data-theme="light"' in explorer.get("/explorer").text
    explorer.set_cookie("kindred_theme", "x", path="/explorer")
    assert "data-theme" not in explorer.get("/explorer").text


def test_a_part_of_a_page_sends_the_whole_page_to_the_form(guarded):
    client, *_ = guarded
    response = client.get("/explorer/handles?typed=a", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/explorer/sign-in"


def test_pages_count_against_the_limit_of_the_key(guarded, clock):
    client, _, path, _ = guarded
    _, key = add_key(path, rate=0.001, burst=2)
    clock.advance(10)
    sign_in(client, key)
    assert [client.get("/explorer/models").status_code for _ in range(3)] == [200, 200, 429]
