"""How fast rows are written: as fast as DynamoDB takes them, and hardly faster."""

import math
import threading
import time
from collections.abc import Callable

FASTEST = 40_000.0
"""Write units per second that AWS allows a table unless asked for more: no limit, in effect."""
SLOWEST = 5.0
DECREASE = 0.7
INCREASE_PER_SECOND = 0.05


class Pace:
    """A rate in write units per second, shared by all threads that write.

    Additive increase, multiplicative decrease (Chiu and Jain, 1989): a refusal cuts the rate to
    70 %, and a second at a rate adds 5 % of the rate that was refused last, or of the rate itself
    once it is beyond. There is no limit before the first refusal.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._rate = self._refused_rate = FASTEST
        self._next_turn = 0.0
        self._cut_at = -math.inf

    @property
    def units_per_second(self) -> float:
        return self._rate

    def turn(self, units: int) -> "Turn":
        return Turn(self, units)

    def wait(self, units: int) -> float:
        """Sleep until so many units may be sent; returns when that was."""
        with self._lock:
            now = self._clock()
            if self._rate >= FASTEST:
                return now
            turn = max(now, self._next_turn)
            self._next_turn = turn + units / self._rate
        if turn > now:
            self._sleep(turn - now)
        return turn

    def taken(self, units: int) -> None:
        with self._lock:
            growth = INCREASE_PER_SECOND * max(self._rate, self._refused_rate)
            self._rate = min(FASTEST, self._rate + growth * units / self._rate)

    def refused(self, sent_at: float) -> None:
        with self._lock:
            # What was sent before the last cut says nothing about the rate since.
            if sent_at < self._cut_at:
                return
            self._cut_at = self._clock()
            self._refused_rate = self._rate
            self._rate = max(SLOWEST, DECREASE * self._rate)


class Turn:
    """One batch on its way through a pace, however many attempts it takes."""

    def __init__(self, pace: Pace, units: int) -> None:
        self._pace, self._units = pace, units
        self._sent_at = 0.0

    def wait(self) -> None:
        self._sent_at = self._pace.wait(self._units)

    def refused(self) -> None:
        self._pace.refused(self._sent_at)

    def answered(self, units_left: int) -> None:
        """The batch was taken but for so many units."""
        if units_left:
            self.refused()
        self._pace.taken(self._units - units_left)
