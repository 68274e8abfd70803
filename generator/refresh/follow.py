"""`refresh --follow`: one round after another, until somebody ends it."""

import signal
import threading
from collections.abc import Callable

from generator.process.progress import Reporter
from generator.refresh.refresher import Refresher, Round
from shared.errors import GenerationMissing, ModelError, StoreError

AFTER_TROUBLE_SECONDS = 5.0


def refresh_all(refresher: Refresher, reporter: Reporter) -> int:
    """Rounds until no event is left; how many events there were. Raises as `Refresher.round`."""
    events = 0
    while (done := refresher.round()) is not None:
        events += done.events
        reporter.say(told(done))
    return events


def follow(
    refresher: Refresher, reporter: Reporter, every_seconds: float, ended: threading.Event
) -> None:
    """Go on until `ended` is set: what cannot be done now, because nothing is live or the store is
    away, is tried again, and said once."""
    trouble = ""
    while not ended.is_set():
        wait = every_seconds
        try:
            refresh_all(refresher, reporter)
            trouble = ""
        except (GenerationMissing, ModelError, StoreError) as error:
            wait = max(every_seconds, AFTER_TROUBLE_SECONDS)
            if str(error) != trouble:
                reporter.warn(str(error))
            trouble = str(error)
        ended.wait(wait)


def ended_by_signals() -> threading.Event:
    """Set by SIGTERM and SIGINT: the round that runs is finished, and no other begun."""
    ended = threading.Event()

    def end(_number: int, _frame: object) -> None:
        ended.set()

    handler: Callable[[int, object], None] = end
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
    return ended


def told(done: Round) -> str:
    return (
        f"{done.events:,} events of {done.users:,} users: {done.lists:,} fresh lists over "
        f"{done.generation}, in {done.seconds:.1f} s"
    )
