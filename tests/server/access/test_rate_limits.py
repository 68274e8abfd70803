"""A key asks as often as it may, whoever of the workers answers."""

import multiprocessing
import random
import time

import pytest
import requests

from server.access.api_keys import RateLimit
from server.access.rate_limit import SLOTS, RateLimiter, shared_marks
from shared.stores import open_store
from tests.server.access.keys import add_key, ask, post
from tests.server.calls import ManualClock, assert_problem
from tests.server.generations import publish
from tests.server.running import running_server


class Bucket:
    """The textbook: tokens drip in, up to the burst; a request takes one if there is one."""

    def __init__(self, limit: RateLimit, now: float) -> None:
        self.limit, self.tokens, self.at = limit, float(limit.burst), now

    def takes(self, now: float) -> bool:
        dripped = (now - self.at) * self.limit.requests_per_second
        self.tokens, self.at = min(self.limit.burst, self.tokens + dripped), now
        if self.tokens < 1 - 1e-6:
            return False
        self.tokens -= 1
        return True


@pytest.mark.parametrize("limit", [RateLimit(1, 1), RateLimit(10, 3), RateLimit(0.25, 20)])
def test_it_agrees_with_a_token_bucket(limit):
    clock, dice = ManualClock(), random.Random(7)
    limiter, bucket = RateLimiter(None, clock), Bucket(limit, clock())
    for _ in range(3000):
        clock.advance(dice.expovariate(limit.requests_per_second * 1.5))
        wait = limiter.seconds_to_wait("key", limit)
        assert (wait == 0) == bucket.takes(clock())


def test_a_cost_is_so_many_requests():
    clock, dice, limit = ManualClock(), random.Random(7), RateLimit(10, 20)
    one_by_one, at_once = RateLimiter(None, clock), RateLimiter(None, clock)
    granted = 0
    for _ in range(2000):
        clock.advance(dice.expovariate(1.5))
        cost = dice.randint(1, limit.burst)
        if at_once.seconds_to_wait("key", limit, cost) == 0:
            granted += 1
            waits = [one_by_one.seconds_to_wait("key", limit) for _ in range(cost)]
            assert waits == [0] * cost
        else:
            probe = RateLimiter(None, clock)
            probe._marks[:] = one_by_one._marks[:]
            assert any(probe.seconds_to_wait("key", limit) > 0 for _ in range(cost))
    assert 200 < granted < 1900


def test_a_batch_counts_as_a_request_for_each_of_its_handles(make_app, key_file):
    _, key = add_key(key_file, rate=0.001, burst=10)
    _, other = add_key(key_file, rate=0.001, burst=10)
    app = make_app()

    def batch(shown, size):
        body, headers = {"user_handles": [999] * size}, {"X-API-Key": shown}
        return post(app, "/similar-users/batch", body, headers)

    assert batch(key, 7).status_code == 200
    refused = batch(key, 4)
    assert_problem(refused, 429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) >= 1
    assert batch(other, 10).status_code == 200
    assert ask(app, other).status_code == 429


@pytest.mark.parametrize("handles", [11, 12, 100])
def test_a_batch_that_no_wait_makes_possible_is_told_so(make_app, key_file, handles):
    _, key = add_key(key_file, rate=5, burst=10)
    body = {"user_handles": [999] * handles}
    refused = post(make_app(), "/similar-users/batch", body, {"X-API-Key": key})
    problem = assert_problem(refused, 429, "too-many-requests")
    assert "may make 10 at once; send fewer together" in problem["detail"]
    assert "Retry-After" not in refused.headers


def test_after_the_wait_it_named_the_request_is_taken_and_not_before():
    clock, limit = ManualClock(), RateLimit(2, 3)
    limiter = RateLimiter(None, clock)
    assert [limiter.seconds_to_wait("key", limit) for _ in range(3)] == [0, 0, 0]
    wait = limiter.seconds_to_wait("key", limit)
    assert wait == pytest.approx(0.5)
    clock.advance(wait - 0.01)
    assert limiter.seconds_to_wait("key", limit) == pytest.approx(0.01)
    clock.advance(0.01)
    assert limiter.seconds_to_wait("key", limit) == 0


def test_keys_do_not_use_up_each_others_limits():
    limiter, limit = RateLimiter(None, ManualClock()), RateLimit(1, 1)
    assert [limiter.seconds_to_wait(f"key {n}", limit) for n in range(1000)] == [0] * 1000
    assert all(limiter.seconds_to_wait(f"key {n}", limit) > 0 for n in range(1000))


def test_a_larger_limit_leaves_no_long_wait_behind_when_it_is_made_small():
    limiter, small = RateLimiter(None, ManualClock()), RateLimit(1, 1)
    for _ in range(500):
        limiter.seconds_to_wait("key", RateLimit(1, 1000))
    assert limiter.seconds_to_wait("key", small) <= 1


def _take_many(path, taken) -> None:
    limiter, limit = RateLimiter(path, time.monotonic), RateLimit(1e-6, 500)
    granted = sum(limiter.seconds_to_wait("key", limit) == 0 for _ in range(400))
    with taken.get_lock():
        taken.value += granted


def test_processes_that_ask_at_once_never_share_a_token(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    taken = spawn.Value("i", 0)
    with shared_marks(tmp_path) as path:
        workers = [spawn.Process(target=_take_many, args=(path, taken)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
    assert taken.value == 500


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_marks_lie_whole_in_a_file_that_has_its_room(tmp_path, platform, monkeypatch):
    monkeypatch.setattr("sys.platform", platform)
    with shared_marks(tmp_path) as path:
        assert path.stat().st_blocks * 512 >= SLOTS * 16
        assert [*tmp_path.iterdir()] == ([] if platform == "linux" else [path])


def test_where_there_can_be_no_file_each_process_keeps_its_own_limits(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    for nowhere in (None, tmp_path / "no such folder"):
        with shared_marks(nowhere) as path:
            assert path is None


def test_past_its_limit_a_key_gets_429_and_when_to_come_back(make_app, key_file, clock):
    _, key = add_key(key_file, rate=0.5, burst=2)
    _, other = add_key(key_file)
    app = make_app()
    assert [ask(app, key).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(app, key, path="/recommendations")
    assert_problem(refused, 429, "too-many-requests")
    assert refused.headers["Retry-After"] == "2"
    assert refused.headers["RateLimit-Policy"] == '"key";q=2;w=4'
    assert refused.headers["RateLimit"] == '"key";r=0;t=2'
    assert [ask(app, other).status_code for _ in range(20)] == [200] * 20
    assert app.test_client().get("/health", headers={"X-API-Key": key}).status_code == 200
    clock.advance(2)
    assert [ask(app, key).status_code for _ in range(2)] == [200, 429]


def test_a_wrong_key_uses_up_nobodys_limit(make_app, key_file):
    _, key = add_key(key_file, rate=0.001, burst=1)
    app = make_app()
    assert [ask(app, key[:-4] + "zzzz").status_code for _ in range(5)] == [401] * 5
    assert ask(app, key).status_code == 200


def test_two_workers_keep_one_limit_and_follow_the_keys(tmp_path):
    folder, key_file = tmp_path / "store", tmp_path / "api_keys.json"
    publish(open_store(f"sqlite:///{folder}"))
    _, key = add_key(key_file, rate=0.001, burst=30)
    _, unlimited = add_key(key_file)
    with running_server(
        folder,
        server_workers=2,
        api_keys_file=key_file,
        server_host="0.0.0.0",
        pointer_refresh_seconds=0.1,
    ) as server:

        def status(shown: str) -> int:
            return requests.post(
                f"{server.url}/similar-users",
                json={"user_handle": 999},
                headers={"X-API-Key": shown, "Connection": "close"},
                timeout=60,
            ).status_code

        assert sorted(status(key) for _ in range(60)) == [200] * 30 + [429] * 30
        assert {status(unlimited) for _ in range(40)} == {200}
        assert status("wrong") == 401
