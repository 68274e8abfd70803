"""Workers that stop or die while clients ask as fast as they can."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shared.stores import open_store
from tests.server.generations import publish
from tests.server.process.test_process import until
from tests.server.running import PATIENCE_SECONDS, Server, running_server

CLIENTS = 4


class Clients:
    """Each asks on a new connection every time, under a number of its own."""

    def __init__(self, server: Server) -> None:
        self._url = f"{server.url}/similar-users"
        self._done = threading.Event()
        self.answered: list[str] = []
        """Numbers of the requests that were answered."""
        self.refused, self.broken = 0, [0] * CLIENTS

    def ask_until_done(self, client: int) -> None:
        asked = 0
        while not self._done.is_set():
            asked += 1
            number = f"client-{client}-{asked}"
            try:
                response = requests.post(
                    self._url,
                    json={"user_handle": 999},
                    headers={"X-Request-ID": number},
                    timeout=PATIENCE_SECONDS,
                )
            except requests.ConnectionError as error:
                if "Connection refused" in str(error):
                    self.refused += 1
                else:
                    self.broken[client] += 1
            else:
                assert response.status_code == 200
                self.answered.append(number)

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [
            threading.Thread(target=self.ask_until_done, args=[client]) for client in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            until(lambda: len(self.answered) >= 100)
            yield
        finally:
            self._done.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder, server_workers=2, log_requests="all", log_format="json") as server:
        workers = set()

        def both_answer() -> bool:
            number = requests.get(f"{server.url}/health", timeout=60).headers["X-Request-ID"]
            workers.add(number.partition("-")[0])
            return len(workers) == 2

        until(both_answer)
        yield server


def test_a_killed_worker_costs_its_own_connections_and_is_replaced(server):
    clients = Clients(server)
    with clients.asking():
        victim = server.workers()[0]
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(server.workers()) == 2 and victim not in server.workers())
        so_far = len(clients.answered)
        until(lambda: len(clients.answered) >= so_far + 200)
    assert clients.refused == 0
    # The one it had, and one more if the kernel had closed that before the socket that listens.
    assert max(clients.broken) <= 2


def test_stopped_under_load_it_answers_every_request_that_it_took(server):
    clients = Clients(server)
    with clients.asking():
        server.process.terminate()
        assert server.process.wait(PATIENCE_SECONDS) == 0
        until(lambda: clients.refused > 0)
    # Connections that no worker had accepted yet may break; a request that was read may not.
    assert sorted(numbers_of_the_log(server)) == sorted(clients.answered)
    assert max(clients.broken) <= 2, "one as each of the two workers stopped"


def numbers_of_the_log(server: Server) -> list[str]:
    """Requests of clients that the server logged as answered with 200."""
    server.said_everything()
    lines = [line for line in server.lines.queue if '"request_id": "client-' in line]
    return [read["request_id"] for line in lines if (read := json.loads(line))["status"] == 200]
