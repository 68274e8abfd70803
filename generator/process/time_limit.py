"""Work that is given up once its own progress says that it takes too long."""

import math
import time
from collections.abc import Callable

from shared.errors import ModelError

HOPELESS = 4
"""Times the limit that is forecast: training ends early where it gains no more, so that a forecast
of twice the limit is no reason yet."""
LOOKED_AT = 0.2
"""Of the limit: no forecast is believed before."""

Progress = Callable[[int, int], None]


class TimeBudget:
    """Seconds for several pieces of work, each of which may take half of what is left.

    most: seconds that none may take more than.
    """

    def __init__(self, seconds: float, most: float = math.inf) -> None:
        self._ends, self._most = time.monotonic() + seconds, most

    @property
    def is_spent(self) -> bool:
        return time.monotonic() >= self._ends

    def limit(self, progress: Progress) -> Progress:
        return limited(progress, min((self._ends - time.monotonic()) / 2, self._most))


UNLIMITED = TimeBudget(math.inf)


def limited(progress: Progress, seconds: float) -> Progress:
    """`progress`, which raises ModelError if the work takes longer, or is seen to take far longer.

    Work that tells of no progress is not interrupted. First steps carry what is done once, such as
    tracing a network, so that the rate is that of the steps after them.
    """
    started = time.monotonic()
    first: list[tuple[float, int]] = []

    def watched(done: int, total: int) -> None:
        progress(done, total)
        spent = time.monotonic() - started
        if not first and done:
            first.append((spent, done))
        until_then, steps = first[0] if first else (0.0, 0)
        rate = (spent - until_then) / (done - steps) if done > steps else 0.0
        forecast = spent + rate * (total - done)
        hopeless = spent > LOOKED_AT * seconds and forecast > HOPELESS * seconds
        if spent > seconds or hopeless:
            raise ModelError(
                f"its fit would take about {forecast:,.0f} s, and {seconds:,.0f} s were left for it"
            )

    return watched
