"""`refresh --follow`: one round after another, until somebody ends it."""

import os
import select
import signal
import time
from typing import Protocol

from generator.process.progress import Reporter
from generator.refresh.refresher import Refresher, Round
from shared.errors import GenerationMissing, ModelError, StoreError

AFTER_TROUBLE_SECONDS = 5.0


class Ended(Protocol):
    def is_set(self) -> bool: ...

    def wait(self, seconds: float) -> object:
        """So long, or until it is set."""


def refresh_all(refresher: Refresher, reporter: Reporter) -> int:
    """Rounds until no event is left; how many events there were. Raises as `Refresher.round`."""
    events = 0
    while (done := refresher.round()) is not None:
        events += done.events
        reporter.say(told(done))
    return events


def follow(
    refresher: Refresher,
    reporter: Reporter,
    every_seconds: float,
    whole_every_seconds: float,
    ended: Ended,
) -> None:
    """Quick rounds until `ended` is set, and a whole one after a while where some must wait for it.

    What cannot be done now, because nothing is live or the store is away, is tried again, and said
    once.
    """
    trouble, waits_since = "", None
    while not ended.is_set():
        wait = every_seconds
        try:
            while not ended.is_set() and (done := refresher.quick_round()) is not None:
                reporter.say(told(done))
                if not done.is_whole and waits_since is None:
                    waits_since = time.monotonic()
            if waits_since is not None and time.monotonic() - waits_since >= whole_every_seconds:
                refresh_all(refresher, reporter)
                waits_since = None
            trouble = ""
        except (GenerationMissing, ModelError, StoreError) as error:
            wait = max(every_seconds, AFTER_TROUBLE_SECONDS)
            if str(error) != trouble:
                reporter.warn(str(error))
            trouble = str(error)
        ended.wait(wait)


class EndedBySignals:
    """Set by SIGTERM and SIGINT: the round that runs is finished, and no other begun.

    Not a `threading.Event`, whose lock a handler could find held by the very wait that it breaks
    off, and never get.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._woken, waking = os.pipe()
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> None:
        """So long, or until it is set."""
        if not self._is_set:
            select.select([self._woken], [], [], seconds)

    def _end(self, _number: int, _frame: object) -> None:
        self._is_set = True


def told(done: Round) -> str:
    courses = f", {done.courses:,} new courses" if done.courses else ""
    return (
        f"{done.events:,} events of {done.users:,} users{courses}: {done.lists:,} fresh lists over "
        f"{done.generation}, in {done.seconds:.1f} s{'' if done.is_whole else '; others wait'}"
    )
