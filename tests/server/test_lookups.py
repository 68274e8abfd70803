"""The lookups in front of Flask: faster, and otherwise the same."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from server import create_app
from tests.server.access.keys import add_key
from tests.server.calls import Caller
from tests.server.generations import FULL_USER, KNN, LONELY_USER, TFIDF, publish

PLAIN = "application/json"
FOR_FLASK = "application/json; charset=utf-8"

bodies = st.fixed_dictionaries(
    {"user_handle": st.sampled_from([FULL_USER, LONELY_USER, 7, 8, 404, "999", 9.0, None, ""])},
    optional={
        "model_handle": st.sampled_from([TFIDF, KNN, "no such", None, 3]),
        "limit": st.sampled_from([1, 3, 20, 1000, 0, 2.0, True]),
        "exclude": st.lists(st.sampled_from([1, "popular-0", "tfid-0", 20000]), max_size=3),
        "with_scores": st.sampled_from([True, False, "yes"]),
        "max_age_seconds": st.sampled_from([0, 10**6, -1]),
        "more": st.just(1),
    },
)


def answer_of(api: Caller, path: str, body: bytes, content_type: str):
    response = api.send(path, body, content_type)
    return response.status_code, sorted(response.headers), response.data


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=bodies, path=st.sampled_from(["/similar-users", "/recommendations/"]))
def test_with_flask_and_without_the_answer_is_the_same_byte_for_byte(api: Caller, body, path):
    text = json.dumps(body).encode()
    assert answer_of(api, path, text, PLAIN) == answer_of(api, path, text, FOR_FLASK)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"user_handle": 999} x', b'\xff{"user_handle": 1}', b"9" * 70_000]
)
def test_a_body_that_makes_no_sense_is_refused_the_same_way(api: Caller, text):
    plain = answer_of(api, "/similar-users", text, PLAIN)
    assert plain == answer_of(api, "/similar-users", text, FOR_FLASK)
    assert plain[0] >= 400


def test_a_plain_lookup_does_not_reach_flask(app, generation):
    reached = []
    app.before_request(lambda: reached.append(1))
    api = Caller(app.test_client())
    assert api.post("/similar-users", {"user_handle": FULL_USER}).status_code == 200
    assert not reached
    assert api.post("/similar-users", {"user_handle": 404}).status_code == 404
    assert reached


def test_the_etag_names_generation_and_question(api: Caller, generation, store):
    def etag(path: str, body: object) -> str:
        return api.post(path, body).headers["ETag"]

    mine = etag("/similar-users", {"user_handle": FULL_USER})
    assert generation in mine
    assert etag("/similar-users", {"user_handle": FULL_USER}) == mine
    assert etag("/recommendations", {"user_handle": FULL_USER}) != mine
    assert etag("/similar-users", {"user_handle": FULL_USER, "limit": 3}) != mine


def test_servers_of_another_list_length_have_other_etags_and_equal_ones_the_same(
    settings, store, generation
):
    def ask(length: int, known: str = "") -> TestResponse:
        app = create_app(settings.model_copy(update={"answered_list_length": length}), store)
        asked, headers = {"user_handle": FULL_USER}, {"If-None-Match": known}
        return app.test_client().post("/similar-users", json=asked, headers=headers)

    ten = ask(10).headers["ETag"]
    assert ask(10, known=ten).status_code == 304
    fewer = ask(4, known=ten)
    assert fewer.status_code == 200
    assert fewer.headers["ETag"] != ten
    assert len(fewer.get_json()["data"]["similar_users"]) == 4


def test_tenants_whose_generations_have_one_name_have_etags_of_their_own(
    settings, store, tmp_path, monkeypatch
):
    """Names have a second and two bytes by chance, so that it will happen."""
    monkeypatch.setattr("shared.stores.base.utc_now", lambda: datetime(2026, 3, 1, tzinfo=UTC))
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 2 * size)
    assert publish(store, tenant="alpha") == publish(store, tenant="beta")
    monkeypatch.undo()
    path = tmp_path / "keys.json"
    keys = [add_key(path, tenant=tenant)[1] for tenant in ("alpha", "beta")]
    app = create_app(settings.model_copy(update={"api_keys_file": str(path)}), store)

    def ask(key: str, known: str = "") -> TestResponse:
        headers = {"X-API-Key": key, "If-None-Match": known}
        asked = {"user_handle": FULL_USER}
        return app.test_client().post("/similar-users", json=asked, headers=headers)

    of_alpha = ask(keys[0]).headers["ETag"]
    assert ask(keys[0], known=of_alpha).status_code == 304
    assert ask(keys[1], known=of_alpha).status_code == 200
    assert ask(keys[1]).headers["ETag"] != of_alpha


@pytest.mark.parametrize("content_type", [PLAIN, FOR_FLASK])
@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}'])
def test_a_client_that_has_the_answer_is_told_so(
    app, api: Caller, store, clock, content_type, sent
):
    def ask(etag: str):
        return app.test_client().post(
            "/similar-users",
            json={"user_handle": FULL_USER},
            headers={"If-None-Match": etag},
            content_type=content_type,
            buffered=True,
        )

    first = ask('"nothing"')
    again = ask(sent.format(first.headers["ETag"]))
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    publish(store)
    clock.advance(6)
    after = ask(sent.format(first.headers["ETag"]))
    assert after.status_code == 200
    assert after.headers["ETag"] != first.headers["ETag"]


def test_the_models_have_an_etag_too(app, api: Caller):
    first = api.get("/models")
    again = app.test_client().get("/models", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
