"""Long answers compressed for those who ask, and nothing changed for the others."""

import gzip
import json

import pytest

from tests.server.generations import FULL_USER

LONG = {"user_handles": [FULL_USER] * 100, "limit": 20, "with_scores": True}
SHORT = {"user_handle": FULL_USER}
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def client(app, generation):
    return app.test_client()


def ask(client, body, **headers):
    path = "/similar-users/batch" if "user_handles" in body else "/similar-users"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, json=body, headers=sent, buffered=True)


def test_a_long_answer_is_the_same_unpacked_and_a_fraction_of_it_on_the_way(client):
    plain, packed = ask(client, LONG), ask(client, LONG, **GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 4
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.content_type == "application/json"


def test_a_short_answer_goes_as_it_is(client):
    plain, asked = ask(client, SHORT), ask(client, SHORT, **GZIP)
    assert "Content-Encoding" not in asked.headers
    assert (asked.data, asked.headers["ETag"]) == (plain.data, plain.headers["ETag"])


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "xgzip"])
def test_who_does_not_take_gzip_gets_none(client, accepted):
    assert "Content-Encoding" not in ask(client, LONG, Accept_Encoding=accepted).headers


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br, gzip;q=0.05", "gzip; q=1.0, *;q=0"])
def test_who_takes_gzip_in_whatever_words_gets_it(client, accepted):
    assert "Content-Encoding" in ask(client, LONG, Accept_Encoding=accepted).headers


def test_each_form_has_its_own_etag_and_brings_a_304_that_repeats_it(client):
    tags = [ask(client, LONG, **headers).headers["ETag"] for headers in ({}, GZIP)]
    assert len(set(tags)) == 2
    for tag in tags:
        for headers in ({}, GZIP):
            known = ask(client, LONG, If_None_Match=tag, **headers)
            assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)
            assert "Content-Encoding" not in known.headers


def test_the_etag_of_another_question_brings_the_answer(client):
    other = ask(client, LONG | {"limit": 19}, **GZIP).headers["ETag"]
    assert ask(client, LONG, If_None_Match=other, **GZIP).status_code == 200


def test_long_descriptions_are_compressed_and_pages_are_not(client):
    described = client.get("/openapi.json", headers=GZIP, buffered=True)
    assert described.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(described.data))["openapi"] == "3.1.0"
    assert "Content-Encoding" not in client.get("/docs", headers=GZIP, buffered=True).headers
    headers = client.head("/openapi.json", headers=GZIP).headers
    assert "Content-Encoding" not in headers
