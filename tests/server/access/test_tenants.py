"""A key of one tenant never reads a list of another, whatever is sent along."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server import create_app
from shared.kinds import KINDS
from shared.records import SEEN, ListRow, ModelCard, Ranking, Row
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.generations import seen
from tests.server.access.keys import add_key
from tests.server.generations import POPULAR, TFIDF, course_facts, publish

SEPARATED = ["a/b", "a-b", "a:b", "a\x00b", "a|b", '"a"', "../a", "a%2fb", "%", "a#b", "a\nb"]
UNICODE = [
    "ada",
    "Ada",
    "ADA",
    "åda",
    "a\u030ada",
    "\uff41da",
    "ada\u200b",
    "İ",
    "i\u0307",
    "ß",
    "ss",
]
HANDLES: list[int | str] = [999, "999", 0, -1, 2**53, "beta", "alpha", *SEPARATED, *UNICODE]
TENANTS = ("alpha", "beta")
PATHS = [path for kind in KINDS.values() for path in (kind.path, f"{kind.path}/batch")]
NAMING = [
    *("X-Tenant", "Tenant", "X-Tenant-Id", "X-Kindred-Tenant", "Kindred.Tenant", "Script-Name"),
    *("X-Forwarded-User", "X-Original-Url", "X-Forwarded-Prefix", "Cookie", "Authorization"),
]


@dataclass
class Platforms:
    app: Flask
    keys: dict[str, str]
    generations: dict[str, str]
    etags: dict[str, list[str]]


def lists_of(tenant: str) -> list[Row]:
    """Every handle has lists in both tenants; each entry carries the tenant's mark."""
    scores = [0.5] * 5
    marked = [f"{tenant}-mark-{rank}" for rank in range(5)]
    subjects = [*HANDLES, f"only-{tenant}"]
    return [
        *(ListRow(kind, s, TFIDF, marked, scores) for kind in KINDS for s in subjects),
        *(seen(subject) for subject in subjects),
        *(course_facts(subject) for subject in subjects),
    ]


@pytest.fixture(scope="module")
def platforms(tmp_path_factory) -> Platforms:
    folder = tmp_path_factory.mktemp("tenants")
    store = open_store(f"sqlite:///{folder / 'store'}")
    generations = {
        tenant: publish(
            store,
            lists_of(tenant),
            tenant,
            default_models=dict.fromkeys(KINDS, TFIDF),
            models=[
                ModelCard(TFIDF, f"{tenant}-mark", list(KINDS), ["interests"]),
                ModelCard(POPULAR, "Popular", ["recommendations"], ["views"], is_personal=False),
            ],
            rankings={POPULAR: Ranking([f"{tenant}-mark-popular"], [1.0])},
            example_user_handle=f"only-{tenant}",
        )
        for tenant in TENANTS
    }
    key_file = folder / "api_keys.json"
    keys = {tenant: add_key(key_file, tenant)[1] for tenant in TENANTS}
    app = create_app(
        ServerSettings(_env_file=None, api_keys_file=str(key_file), tenant="beta", cache_mb=1),
        store,
    )
    both = Platforms(app, keys, generations, {tenant: [] for tenant in TENANTS})
    for tenant in TENANTS:
        for handle in HANDLES:
            answer = send(both, "/similar-users", {"user_handle": handle}, [], keys[tenant])
            assert f"{tenant}-mark-0" in answer.text
            both.etags[tenant].append(answer.headers["ETag"])
    return both


def send(platforms: Platforms, path: str, body: Any, headers: list[tuple[str, str]], key: str):
    return platforms.app.test_client().post(
        path,
        data=json.dumps(body).encode(),
        content_type="application/json",
        headers=[*headers, ("X-API-Key", key)],
        buffered=True,
    )


def assert_nothing_of(platforms: Platforms, other: str, response) -> None:
    shown = response.text + str(response.headers)
    assert f"{other}-mark" not in shown
    assert platforms.generations[other] not in shown


other_tenant = st.sampled_from(["beta", "BETA", "alpha/../beta", "beta\x0b", "default", "*"])
bodies = st.fixed_dictionaries(
    {},
    optional={
        "user_handle": st.sampled_from([*HANDLES, "only-alpha", "only-beta"]) | st.text(max_size=9),
        "user_handles": st.lists(st.sampled_from(HANDLES), min_size=1, max_size=4),
        "course_handle": st.sampled_from([*HANDLES, "only-alpha", "only-beta"]),
        "course_handles": st.lists(st.sampled_from(HANDLES), min_size=1, max_size=4),
        "model_handle": st.sampled_from([TFIDF, SEEN, "beta", f"../beta/{TFIDF}"]),
        "limit": st.integers(1, 30),
        "with_scores": st.booleans(),
        "exclude": st.lists(st.sampled_from(["alpha-mark-0", "beta-mark-0", 999]), max_size=3),
        "tenant": other_tenant,
        "generation": st.just("beta"),
    },
)
header_names = st.sampled_from(NAMING)
header_values = st.sampled_from(["beta", "tenant=beta", "/beta", "Bearer beta"])
queries = st.sampled_from(["", "?tenant=beta", "?X-API-Key=beta", "/?generation=beta", ";beta"])


@given(
    asking=st.sampled_from(TENANTS),
    path=st.sampled_from(PATHS),
    query=queries,
    body=bodies,
    headers=st.lists(st.tuples(header_names, header_values), max_size=4),
    host=st.sampled_from(["localhost", "beta", "beta.localhost", "alpha:5000"]),
    reuse_etag=st.booleans(),
)
@example("alpha", PATHS[0], "", {"user_handle": "only-beta"}, [], "localhost", False)
@settings(max_examples=300, deadline=None)
def test_no_request_reads_another_tenant(
    platforms: Platforms, asking, path, query, body, headers, host, reuse_etag
):
    (other,) = set(TENANTS) - {asking}
    sent = [*headers, ("Host", host)]
    if reuse_etag:
        sent += [("If-None-Match", ", ".join(platforms.etags[other]))]
    response = send(platforms, path + query, body, sent, platforms.keys[asking])
    assert_nothing_of(platforms, other, response)
    assert response.status_code in {200, 400, 404, 405, 422}, response.text


@given(
    handle=st.sampled_from(HANDLES), asking=st.sampled_from(TENANTS), path=st.sampled_from(PATHS)
)
@settings(max_examples=100, deadline=None)
def test_each_reads_its_own_lists_under_every_handle(platforms: Platforms, handle, asking, path):
    subject = next(kind.subject for kind in KINDS.values() if path.startswith(kind.path))
    field, asked = f"{subject}_handle", handle
    if path.endswith("batch"):
        field, asked = f"{field}s", [handle]
    body = {field: asked}
    response = send(platforms, path, body, [], platforms.keys[asking])
    assert f"{asking}-mark-0" in response.text
    assert platforms.generations[asking] in response.text


@pytest.mark.parametrize("order", [("alpha", "beta"), ("beta", "alpha")])
def test_of_two_keys_in_one_request_one_alone_decides(platforms: Platforms, order):
    first, second = (("X-API-Key", platforms.keys[tenant]) for tenant in order)
    for shown in ([first, second], [("X-API-Key", f"{first[1]}, {second[1]}")]):
        response = platforms.app.test_client().post(
            "/similar-users", json={"user_handle": 999}, headers=shown, buffered=True
        )
        marks = [tenant for tenant in TENANTS if f"{tenant}-mark" in response.text]
        assert len(marks) == (response.status_code == 200)


@pytest.mark.parametrize("asking", TENANTS)
def test_models_and_readiness_are_the_tenants_own(platforms: Platforms, asking):
    (other,) = set(TENANTS) - {asking}
    client = platforms.app.test_client()
    for path in ("/models", "/ready", "/", "/problems", "/openapi.json"):
        response = client.get(path, headers={"X-API-Key": platforms.keys[asking]}, buffered=True)
        assert response.status_code == 200
        assert_nothing_of(platforms, other, response)
    assert (
        platforms.generations[asking]
        in client.get("/models", headers={"X-API-Key": platforms.keys[asking]}).text
    )


def test_metrics_open_to_no_key_and_not_to_loopback_either(platforms: Platforms):
    client = platforms.app.test_client()
    for headers in ({}, {"X-API-Key": platforms.keys["alpha"]}):
        response = client.get("/metrics", headers=headers, buffered=True)
        assert response.status_code == 401
        assert "alpha" not in response.text


def test_what_was_refused_is_counted_for_no_tenant(platforms: Platforms):
    client = platforms.app.test_client()
    client.post("/similar-users", json={"user_handle": 1}, headers={"X-Tenant": "alpha"})
    text = platforms.app.extensions["kindred"].metrics.exposition([]).decode()
    refused = 'route="/similar-users",status="401",tenant='
    assert f'{refused}"-"' in text
    assert not any(f'{refused}"{tenant}"' in text for tenant in TENANTS)
