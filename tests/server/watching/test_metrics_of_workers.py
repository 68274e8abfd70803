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


def ask(server: Server, times: int) -> None:
    """Each on a connection of its own, so that both workers get some."""
    for _ in range(times):
        assert server.post("/similar-users", ASK).status_code == 200


def test_sums_are_right_whichever_worker_is_asked_and_also_after_one_was_killed(server):
    ask_of_the_greeting = answered(server)
    ask(server, 60)
    assert {answered(server) - ask_of_the_greeting for _ in range(6)} == {60}
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
    assert {answered(server) - ask_of_the_greeting for _ in range(6)} == {100}
    assert scrape(server).total("kindred_workers") == 2
