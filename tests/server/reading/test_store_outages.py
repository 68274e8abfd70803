"""DynamoDB goes away under the server: who is remembered is answered, and it mends by itself."""

import secrets
import time
from urllib.parse import urlsplit

import pytest

from server import create_app
from shared.stores import open_store
from tests.server.calls import Caller, assert_problem
from tests.server.generations import TFIDF, publish, users_like
from tests.server.process.test_process import until
from tests.server.scraping import Scrape
from tests.tcp_proxy import Proxy, running_proxy

REMEMBERED, OTHERS = 1, [2, 3, 4, 5]
ASK_REMEMBERED = {"user_handle": REMEMBERED}


def dynamodb(prefix: str, port: int) -> str:
    return f"dynamodb://{prefix}?region=eu-west-1&endpoint=http://127.0.0.1:{port}"


@pytest.fixture
def proxy(dynamodb_local: str):
    address = urlsplit(dynamodb_local)
    with running_proxy(str(address.hostname), int(address.port or 0)) as proxy:
        yield proxy


class StoppableClock:
    """The real one, until a test stops it, so that no pause ends while a busy machine is slow."""

    def __init__(self) -> None:
        self.stopped_at: float | None = None

    def __call__(self) -> float:
        return time.monotonic() if self.stopped_at is None else self.stopped_at


@pytest.fixture
def clock() -> StoppableClock:
    return StoppableClock()


@pytest.fixture
def api(proxy: Proxy, settings, caplog, clock):
    """A server that reads through the proxy and has answered one user already."""
    prefix = f"test-{secrets.token_hex(4)}"
    writer = open_store(dynamodb(prefix, proxy.port))
    publish(writer, [users_like(user, TFIDF) for user in (REMEMBERED, *OTHERS)])
    writer.close()
    store = open_store(dynamodb(prefix, proxy.port))
    app = create_app(settings.model_copy(update={"pointer_refresh_seconds": 3600}), store, clock)
    caller = Caller(app.test_client())
    assert caller.post("/similar-users", ASK_REMEMBERED).status_code == 200
    yield caller
    store.close()


def assert_recovers(api: Caller, user: int) -> None:
    until(lambda: api.post("/similar-users", {"user_handle": user}).status_code == 200)
    assert api.get("/ready").get_json()["status"] == "ready"


def test_cut_off_it_answers_who_is_remembered_and_503_to_others_and_recovers(api, proxy):
    proxy.cut()
    for user in OTHERS[:2]:
        response = api.post("/similar-users", {"user_handle": user})
        assert_problem(response, 503, "store-unavailable")
        assert int(response.headers["Retry-After"]) > 0
    assert api.post("/similar-users", ASK_REMEMBERED).status_code == 200
    assert api.get("/ready").get_json()["status"] == "cache-only"
    proxy.mend()
    assert_recovers(api, OTHERS[0])


def test_a_store_that_hangs_is_tried_by_one_request_and_the_others_are_refused_at_once(
    api, proxy, clock
):
    proxy.hang()
    before = proxy.received
    assert_problem(api.post("/similar-users", {"user_handle": OTHERS[0]}), 503, "store-unavailable")
    clock.stopped_at = time.monotonic()
    tried = proxy.received - before
    assert tried > 1, "more than one attempt"
    for user in OTHERS[1:]:
        assert api.post("/similar-users", {"user_handle": user}).status_code == 503
    assert proxy.received - before == tried, "refused without asking"
    assert api.post("/similar-users", ASK_REMEMBERED).status_code == 200
    found = Scrape(api.get("/metrics").get_data(as_text=True))
    assert found.total("kindred_store_errors_total") >= len(OTHERS)
    clock.stopped_at = None
    proxy.mend()
    assert_recovers(api, OTHERS[1])
