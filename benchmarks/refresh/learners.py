"""Learners who post events and wait for the lists that come of them; and whom they face."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import requests

from shared.records import Handle

ROOT = Path(__file__).parents[2]
SECONDS_BETWEEN_LOOKS = 0.05
PATIENCE_SECONDS = 600.0


class Learners:
    def __init__(self, url: str, courses: Sequence[Handle], seed: int) -> None:
        self._url, self._courses, self._drawn = url, courses, random.Random(seed)

    def wait_for_server(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(self._url + "/health", timeout=60)
                return
            except requests.ConnectionError:
                time.sleep(SECONDS_BETWEEN_LOOKS)
        raise RuntimeError(f"Nobody answers at {self._url}.")

    def post(self, user: Handle) -> None:
        """A view of some course."""
        event = {"user_handle": user, "course_handle": self._drawn.choice(self._courses)}
        answer = requests.post(self._url + "/interactions", json=event, timeout=60)
        if answer.status_code != 202:
            raise RuntimeError(answer.text)

    def watch(self, user: Handle) -> float:
        """Seconds from an event of the user that is posted now to a list that was made of it."""
        self.post(user)
        posted, started = time.time(), time.monotonic()
        while (waited := time.monotonic() - started) < PATIENCE_SECONDS:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            asked = {"user_handle": user, "limit": 1}
            answer = requests.post(self._url + "/recommendations", json=asked, timeout=60).json()
            made_at = answer.get("refreshed_at")
            if made_at and datetime.fromisoformat(made_at).timestamp() >= posted:
                return waited
        raise RuntimeError(f"No list of user {user} followed within {PATIENCE_SECONDS:.0f} s.")


@contextmanager
def background(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[None]:
    """`python COMMAND...` until the block ends."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=sys.stderr,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
