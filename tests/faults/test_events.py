"""Workers are killed while events come in: what was answered 202 is there, and each id once."""

import os
import signal
import threading
import time

import pytest
import requests

from shared.errors import StoreUnavailable
from shared.events import Event, open_log
from shared.events.log import START
from shared.stores import open_store
from tests.faults.how_many import few_or_all
from tests.server.generations import publish
from tests.server.running import running_server

KILLS, CLIENTS = few_or_all(3, 30), 4
LARGEST_FILE_BYTES = 400_000


class Client(threading.Thread):
    """Posts batches of ids of its own, each again and again until it is answered."""

    def __init__(self, name: str, url: str, stop: threading.Event) -> None:
        super().__init__()
        self._events_of, self._url, self._stop_now = name, f"{url}/interactions", stop
        self.accepted: list[str] = []
        self.sent: list[str] = []

    def run(self) -> None:
        for batch in range(100_000):
            ids = [f"{self._events_of}-{batch}-{place}" for place in range(5)]
            self.sent += ids
            events = [{"event_id": one, "user_handle": 999, "course_handle": one} for one in ids]
            while not self._stop_now.is_set():
                try:
                    answer = requests.post(self._url, json={"events": events}, timeout=20)
                except requests.RequestException:
                    time.sleep(0.02)
                    continue
                assert answer.status_code == 202, answer.text
                self.accepted += ids
                break
            else:
                return


def test_no_accepted_event_is_lost_or_counted_twice_whenever_a_worker_is_killed(tmp_path, fault):
    folder, stop = tmp_path / "store", threading.Event()
    publish(open_store(f"sqlite:///{folder}"))
    with fault("kill -9 of a worker that takes events in") as injected:
        injected.count = KILLS
        with running_server(folder, server_workers=2) as server:
            clients = [Client(f"client-{number}", server.url, stop) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            for _ in range(KILLS):
                time.sleep(0.4)
                if workers := server.workers():
                    os.kill(workers[0], signal.SIGKILL)
            time.sleep(0.4)
            stop.set()
            for client in clients:
                client.join()
        log = open_log(f"sqlite:///{folder}")
        kept = [event.event_id for event in log.read_all("default")]
        log.close()
        accepted = {one for client in clients for one in client.accepted}
        assert len(kept) == len(set(kept))
        assert len(accepted) > KILLS
        assert accepted <= set(kept) <= {one for client in clients for one in client.sent}


def test_a_full_disk_refuses_events_and_keeps_those_that_it_took(tmp_path):
    resource = pytest.importorskip("resource")
    log = open_log(f"sqlite:///{tmp_path}/store")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    accepted: list[str] = []
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, before[1]))
        with pytest.raises(StoreUnavailable, match="room"):
            for number in range(100_000):
                one = f"event-{number}"
                at = "2026-01-01T00:00:00.000000Z"
                log.append("default", [Event(one, "view", "ada", at, "go-101" * 50)])
                accepted.append(one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [event.event_id for event in log.read_all("default")] == accepted
    assert log.append("default", [Event("after", "view", "ada", "2026-01-02T00:00:00Z")]) == [True]
    log.close()
    reopened = open_log(f"sqlite:///{tmp_path}/store")
    assert reopened.read_since("default", START, 1).events[0].event_id == "event-0"
    reopened.close()
