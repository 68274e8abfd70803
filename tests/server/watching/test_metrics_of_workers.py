"""The counts of several worker processes, over real sockets: also of those that have died."""

import os
import signal
from pathlib import Path

import pytest
import requests

from shared.stores import open_store
from tests.server.generations import publish
from tests.server.process.test_process import until
from tests.server.running import Server, running_server
from tests.server.scraping import Scrape

ASK = {"user_handle": 999}


@pytest.fixture
def server(tmp_path: Path):
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder, server_workers=2, cache_mb=8) as server:
        yield server


def scrape(server: Server) -> Scrape:
    return Scrape(requests.get(f"{server.url}/metrics", timeout=60).text)


def answered(server: Server) -> float:
    return scrape(server).total("kindred_requests_total", route="/similar-users", status="200")


def answers(server: Server) -> bool:
    try:
        return requests.get(f"{server.url}/health", timeout=60).ok
    except requests.ConnectionError:
        return False


def ask(server: Server, times: int) -> None:
    """Each on a connection of its own, so that both workers get some."""
    for _ in range(times):
        assert server.post("/similar-users", ASK).status_code == 200


def test_sums_are_right_whichever_worker_is_asked_and_also_after_one_was_killed(server):
    def all_say(requests_counted: int) -> bool:
        return {answered(server) - ask_of_the_greeting for _ in range(6)} == {requests_counted}

    until(lambda: scrape(server).total("kindred_worker_starts_total") == 2)
    until(lambda: answered(server) == 1)
    ask_of_the_greeting = 1
    ask(server, 60)
    until(lambda: all_say(60))
    found = scrape(server)
    assert found.total("kindred_workers") == 2
    reads = found.total("kindred_cache_lookups_total")
    assert reads == 60 + ask_of_the_greeting
    assert found.total("kindred_request_seconds_count", route="/similar-users") == reads

    before = server.workers()
    os.kill(before[0], signal.SIGKILL)
    until(lambda: len(server.workers()) == 2 and before[0] not in server.workers())
    until(lambda: scrape(server).total("kindred_worker_starts_total") == 3)
    ask(server, 40)
    until(lambda: all_say(100))
    assert scrape(server).total("kindred_workers") == 2


def test_a_worker_that_is_told_to_end_leaves_its_last_counts(tmp_path):
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder) as server:
        (worker,) = server.workers()
        ask(server, 20)
        os.kill(worker, signal.SIGTERM)
        until(lambda: server.workers() not in ([], [worker]) and answers(server))
        assert answered(server) == 21  # with the greeting's
