"""GET /metrics: the counts are right, the labels few, and not everybody reads them."""

import threading
from datetime import timedelta

import pytest

from server import create_app
from shared.clock import utc_now
from shared.events import Event
from shared.fresh.lists import Progress
from shared.records import RunOutcome
from shared.settings import ServerSettings
from tests.server.calls import Caller, assert_problem
from tests.server.generations import publish
from tests.server.scraping import Scrape

ASK = {"user_handle": 999}


def scrape(caller: Caller) -> Scrape:
    response = caller.get("/metrics")
    assert response.status_code == 200
    return Scrape(response.get_data(as_text=True))


def test_requests_are_counted_by_route_status_and_tenant(api):
    for _ in range(3):
        api.post("/similar-users", ASK)
    api.post("/similar-users/", ASK)
    api.post("/similar-users", {"user_handle": 12345})
    api.post("/recommendations", {})
    found = scrape(api)

    def count(route: str, status: str) -> float:
        return found.total("kindred_requests_total", tenant="default", route=route, status=status)

    assert count("/similar-users", "200") == 4
    assert count("/similar-users", "404") == 1
    assert count("/recommendations", "422") == 1
    assert found.total("kindred_request_seconds_count", route="/similar-users") == 5
    assert 0 < found.total("kindred_request_seconds_sum", route="/similar-users") < 60


def test_nothing_that_a_caller_sends_becomes_a_label(api):
    api.get("/no-such-page")
    api.get("/problems/no-such-kind")
    api.get("/problems/unknown-user")
    api.post("/similar-users", {"user_handle": "secret", "model_handle": "secret"})
    found = scrape(api)
    assert found.total("kindred_requests_total", route="unknown", status="404") == 1
    assert found.total("kindred_requests_total", route="/problems/<string:name>") == 2
    assert not any("secret" in str(sample) for sample in found.samples)
    assert found.labels("route") == {"unknown", "/problems/<string:name>", "/similar-users"}


def test_the_second_read_of_a_list_is_a_hit_and_does_not_reach_the_store(api):
    for _ in range(3):
        api.post("/similar-users", ASK)
    found = scrape(api)
    assert found.total("kindred_cache_lookups_total", result="miss") == 1
    assert found.total("kindred_cache_lookups_total", result="hit") == 2
    assert found.total("kindred_store_read_seconds_count") == 1


def test_without_a_cache_every_read_reaches_the_store(settings, store, generation):
    uncached = create_app(settings.model_copy(update={"cache_mb": 0}), store)
    caller = Caller(uncached.test_client())
    for _ in range(3):
        caller.post("/similar-users", ASK)
    found = scrape(caller)
    assert found.total("kindred_store_read_seconds_count") == 3
    assert found.total("kindred_cache_lookups_total") == 0


def test_what_pages_read_is_counted_apart_and_is_no_figure_of_operations(api, app):
    pages = app.test_client()
    before = pages.get("/explorer/operations/figures").json
    assert pages.get("/explorer/users?handle=999").status_code == 200
    found = scrape(api)
    assert found.total("kindred_cache_lookups_total", asker="pages") > 0
    assert found.total("kindred_store_read_seconds_count", asker="pages") > 0
    assert found.total("kindred_cache_lookups_total", asker="api") == 0
    after = pages.get("/explorer/operations/figures").json
    shown = ("cache_hit_share", "store_p99_seconds", "requests")
    assert [after[name] for name in shown] == [before[name] for name in shown] == [None, None, 0]
    api.post("/similar-users", ASK)
    assert scrape(api).total("kindred_cache_lookups_total", asker="api") == 1


def test_a_page_that_fails_leaves_what_follows_to_the_api(api, app):
    for path in ("/explorer/users?handle=[", "/explorer/nothing", "/explorer/models?sort=x"):
        app.test_client().get(path)
    api.post("/similar-users", ASK)
    found = scrape(api)
    assert found.total("kindred_cache_lookups_total", asker="api") == 1


def test_users_who_get_what_is_popular_are_counted(api):
    api.post("/recommendations/batch", {"user_handles": [999, 8, 9]})
    api.post("/recommendations", {"user_handle": 8})
    assert scrape(api).total("kindred_fallbacks_total", tenant="default") == 3


def test_the_live_generation_has_an_age_and_its_id(api, generation, store, clock):
    def live(found: Scrape) -> set[str]:
        return found.labels("generation")

    found = scrape(api)
    assert live(found) == {generation}
    assert 0 <= found.total("kindred_live_generation_age_seconds", tenant="default") < 600
    newer = publish(store)
    clock.advance(5)
    assert live(scrape(api)) == {newer}


def test_before_the_first_publish_there_is_no_age_but_there_are_metrics(api_before_publishing):
    names = scrape(api_before_publishing).names()
    assert "kindred_workers" in names
    assert "kindred_live_generation_age_seconds" not in names


def test_how_the_last_run_ended_is_told_once_one_has(api, store):
    assert scrape(api).total("kindred_last_run_age_seconds") == 0
    ended_at = (utc_now() - timedelta(hours=3)).isoformat()
    store.note_outcome("default", RunOutcome(ended_at, 7, "held"))
    found = scrape(api)
    of_held = found.total("kindred_last_run_exit_code", tenant="default", generation="held")
    assert of_held == 7
    age = found.total("kindred_last_run_age_seconds", tenant="default")
    assert 3 * 3600 <= age < 3 * 3600 + 600


def test_refused_generations_are_counted_until_they_are_removed(api, store, folder, clock):
    for _ in range(2):
        api.post("/similar-users", ASK)
        damaged = publish(store)
        (folder / "default" / f"{damaged}.sqlite").write_bytes(b"")
        clock.advance(5)
        api.post("/similar-users", ASK)
        assert scrape(api).total("kindred_refused_generations", tenant="default") == 1
        publish(store)
        store.discard("default", damaged)
        clock.advance(5)
        api.post("/similar-users", ASK)
        assert scrape(api).total("kindred_refused_generations", tenant="default") == 0


def test_threads_lose_no_count(app, generation):
    def ask() -> None:
        caller = Caller(app.test_client())
        for _ in range(50):
            caller.post("/similar-users", ASK)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = scrape(Caller(app.test_client()))
    assert found.total("kindred_requests_total") == 200
    assert found.total("kindred_cache_lookups_total") == 200


class TestWhoMayRead:
    @pytest.fixture
    def guarded(self, settings: ServerSettings, store):
        return create_app(settings.model_copy(update={"metrics_token": "s3cret"}), store)

    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic czNjcmV0"}]
    )
    def test_without_the_token_nobody(self, guarded, headers):
        response = guarded.test_client().get("/metrics", headers=headers)
        problem = assert_problem(response, 401, "metrics-refused")
        assert "s3cret" not in str(problem)
        assert response.headers["WWW-Authenticate"] == "Bearer"

    def test_with_the_token_also_from_elsewhere(self, guarded):
        response = guarded.test_client().get(
            "/metrics",
            headers={"Authorization": "Bearer s3cret"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        assert response.status_code == 200

    @pytest.mark.parametrize(
        "request_from",
        [
            {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}},
            {"headers": {"X-Forwarded-For": "203.0.113.9"}},
        ],
    )
    def test_where_no_token_is_set_only_this_machine(self, app, request_from):
        response = app.test_client().get("/metrics", **request_from)
        problem = assert_problem(response, 401, "metrics-refused")
        assert "METRICS_TOKEN" in problem["detail"]

    def test_the_token_is_not_shown_with_the_settings(self):
        assert "s3cret" not in repr(ServerSettings(_env_file=None, metrics_token="s3cret"))


def test_how_lists_follow_events_is_told_once_there_are_some(api, log, fresh, generation):
    assert scrape(api).total("kindred_events") == 0
    at = "2026-11-30T08:15:00.000000Z"
    log.append("default", [Event(f"e-{n}", "view", 999, at, "tfid-0") for n in range(3)])
    found = scrape(api)
    assert found.total("kindred_events", tenant="default") == 3
    assert found.total("kindred_events_waiting", tenant="default") == 3
    assert "kindred_refresh_age_seconds" not in found.names()
    made_at = (utc_now() - timedelta(hours=3)).isoformat()
    fresh.write("default", generation, [], Progress(2, made_at))
    found = scrape(api)
    assert found.total("kindred_events_waiting", tenant="default") == 1
    assert 3 * 3600 <= found.total("kindred_refresh_age_seconds", tenant="default") < 3 * 3600 + 600
