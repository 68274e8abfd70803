"""Signing in with a key, and what a session is worth."""

import hmac
import json
import re
import time
from contextlib import contextmanager

import pytest
from itsdangerous import URLSafeTimedSerializer

from server import create_app
from server.access.session_secret import session_secret
from server.access.session_tokens import forget_old_sessions
from shared.errors import SettingsError
from tests.server.access.keys import add_key, remove_key

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
ASKED = "/explorer/users?handle=%22ada%22"


def sign_in(client, key: str, **form: str):
    return client.post("/explorer/sign-in", data={"key": key} | form, headers=SAME_ORIGIN)


def test_a_key_that_may_only_write_opens_no_page(guarded, clock):
    client, _, key_file, *_ = guarded
    _, key = add_key(key_file, rights="write")
    clock.advance(5)
    response = sign_in(client, key)
    assert response.status_code == 403
    assert "may not read" in response.text
    assert "Set-Cookie" not in response.headers
    assert client.get(ASKED).status_code == 303


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


def cookie_of(client) -> str:
    return client.get_cookie("kindred_session", path="/explorer").value


def status_with(client, token: str) -> int:
    client.set_cookie("kindred_session", token, path="/explorer")
    return client.get(ASKED).status_code


def sign_out(client) -> None:
    client.post("/explorer/sign-out", headers=SAME_ORIGIN)


def test_signing_out_ends_it_also_for_whoever_has_copied_the_cookie(guarded):
    client, key, *_ = guarded
    sign_in(client, key)
    token = cookie_of(client)
    sign_in(client, key)
    other = cookie_of(client)
    sign_out(client)
    assert client.get(ASKED).status_code == 303
    assert status_with(client, other) == 303
    assert status_with(client, token) == 200, "it was another session"


@pytest.fixture
def started(guarded, settings, store, tmp_path):
    """Gives workers of a server that is started on the secret of this folder."""
    _, _, keys, _ = guarded
    of_keys = settings.model_copy(update={"api_keys_file": str(keys)})

    @contextmanager
    def start(workers=1):
        with session_secret(tmp_path / "secrets" / "secret", said.append) as secret:
            yield [create_app(of_keys, store, secret=secret).test_client() for _ in range(workers)]

    said = start.said = []
    return start


def test_a_session_outlives_a_restart_and_its_end_does_too(guarded, started, tmp_path):
    _, key, *_ = guarded
    with started() as (client,):
        sign_in(client, key)
        token = cookie_of(client)
    with started() as (client,):
        assert status_with(client, token) == 200
        sign_out(client)
    with started() as (client,):
        assert status_with(client, token) == 303
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}
    assert not started.said


def test_what_one_worker_signs_the_others_take_and_what_it_ends_they_refuse(guarded, started):
    _, key, *_ = guarded
    with started(workers=2) as (one, other):
        sign_in(one, key)
        token = cookie_of(one)
        assert status_with(other, token) == 200
        sign_out(one)
        assert status_with(other, token) == 303


def test_without_a_disk_sessions_begin_and_end_in_memory(guarded, started, tmp_path):
    _, key, *_ = guarded
    (tmp_path / "secrets").write_text("a file where a folder is to be")
    with started(workers=2) as (one, other):
        sign_in(one, key)
        token = cookie_of(one)
        assert status_with(other, token) == 200
        sign_out(other)
        assert status_with(one, token) == 303
    assert "signs in again after a restart" in started.said[0]


def test_a_disk_that_runs_full_does_not_revive_a_session(guarded, started, tmp_path):
    _, key, *_ = guarded
    with started(workers=2) as (one, other):
        (tmp_path / "secrets" / "secret.ended").unlink()
        (tmp_path / "secrets" / "secret.ended").mkdir()  # what nobody can append to
        sign_in(one, key)
        token = cookie_of(one)
        sign_out(other)
        assert status_with(other, token) == 200
        sign_out(other)
        assert status_with(one, token) == 303


def test_a_secret_that_is_none_is_refused_and_not_replaced(started, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret").write_text("hunter2")
    with pytest.raises(SettingsError, match="holds no secret"), started():
        pass
    assert (tmp_path / "secrets" / "secret").read_text() == "hunter2"


def test_what_the_key_file_holds_makes_no_session(guarded):
    """As any server signed before: with the stored hash, or anything made of it."""
    client, _, path, key_id = guarded
    stored = json.loads(path.read_text())["keys"][0]
    hashes = [bytes.fromhex(stored["hash"]), bytes.fromhex(stored["salt"])]
    secrets = [*hashes, *(hmac.digest(known, b"session", "sha256") for known in hashes), b""]
    for secret in secrets:
        for payload in (key_id, [key_id, "0" * 16]):
            signed = URLSafeTimedSerializer(secret, salt="kindred explorer").dumps(payload)
            assert status_with(client, f"{key_id}.{signed}") == 303


def test_ended_sessions_are_forgotten_when_they_could_not_be_valid_any_more(tmp_path):
    file = tmp_path / "ended"
    for until, left in ((time.time() + 60, 1), (time.time() - 60, 0)):
        file.write_text(f"0123456789abcdef {until:.0f}\n")
        forget_old_sessions(file)
        assert len(file.read_text().splitlines()) == left


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
        *(
            "/explorer/../docs",
            "/explorer/%2e%2e/docs",
            "/explorer/..%2fdocs",
            "/explorers",
            "/explorer;x",
        ),
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
