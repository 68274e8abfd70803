"""Metrics where there are keys: counted per tenant, and read by no tenant."""

import pytest

from tests.server.access.keys import add_key, ask
from tests.server.calls import assert_problem
from tests.server.generations import publish
from tests.server.scraping import Scrape

TOKEN = {"Authorization": "Bearer s3cret"}


@pytest.fixture
def keys(key_file, store) -> dict[str, str]:
    publish(store, tenant="acme")
    return {tenant: add_key(key_file, tenant)[1] for tenant in ("acme", "default")}


def test_each_tenants_requests_and_lists_are_counted_as_its_own(make_app, keys):
    app = make_app(metrics_token="s3cret")
    for _ in range(3):
        assert ask(app, keys["acme"]).status_code == 200
    assert ask(app, keys["default"]).status_code == 200
    assert ask(app, "no such key").status_code == 401
    found = Scrape(app.test_client().get("/metrics", headers=TOKEN).text)

    def of(tenant: str) -> tuple[float, float, float]:
        return (
            found.total("kindred_requests_total", tenant=tenant),
            found.total("kindred_cache_lookups_total", tenant=tenant, result="hit"),
            found.total("kindred_cache_lookups_total", tenant=tenant, result="miss"),
        )

    assert of("acme") == (3, 2, 1)
    assert of("default") == (1, 0, 1), "what acme read is no hit for another"
    assert of("-") == (1, 0, 0)
    assert found.labels("tenant") == {"acme", "default", "-"}
    ages = [s for s in found.samples if s.name == "kindred_live_generation_age_seconds"]
    assert {s.labels["tenant"] for s in ages} == {"acme", "default"}


@pytest.mark.parametrize("token", ["", "s3cret"])
def test_no_tenants_key_opens_them(make_app, keys, token):
    app = make_app(metrics_token=token)
    for headers in (
        {"X-API-Key": keys["acme"]},
        {"X-API-Key": keys["acme"], "Authorization": f"Bearer {keys['acme']}"},
    ):
        response = app.test_client().get("/metrics", headers=headers)
        assert_problem(response, 401, "metrics-refused")


def test_a_key_file_that_cannot_be_used_is_told(make_app, key_file, keys, clock):
    app = make_app(metrics_token="s3cret")
    for text, told in ((key_file.read_text(), 0), ("{", 1), (None, 1), (key_file.read_text(), 0)):
        key_file.unlink(missing_ok=True)
        if text is not None:
            key_file.write_text(text)
        clock.advance(5)
        found = Scrape(app.test_client().get("/metrics", headers=TOKEN).text)
        assert found.total("kindred_keys_unreadable") == told
