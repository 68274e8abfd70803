"""How fast rows are written: as fast as DynamoDB takes them, and hardly faster."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

FASTEST = 40_000.0
"""Write units per second that AWS allows a table unless asked for more: no limit, in effect."""
SLOWEST = 5.0
DECREASE = 0.7
KEPT_OF_TAKEN = 0.85
INCREASE_PER_SECOND = 0.05
WINDOW_SECONDS = 2.0


class Pace:
    """A rate in write units per second, shared by all threads that write.

    Additive increase, multiplicative decrease (Chiu and Jain, 1989): a refusal cuts the rate to
    70 %, though not below 85 % of what was taken lately, and a second at a rate adds 5 % of the
    rate that was refused last, or of the rate itself once it is beyond. There is no limit before
    the first refusal.
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
        self._taken: deque[tuple[float, int]] = deque()

    @property
    def units_per_second(self) -> float:
        return self._rate

    def turn(self, units: int) -> "Turn":
        return Turn(self, units)

    def wait(self, units: int) -> float:
        """Sleep until so many units may be sent; returns when that was decided."""
        with self._lock:
            now = self._clock()
            if self._rate >= FASTEST:
                return now
            turn = max(now, self._next_turn)
            self._next_turn = turn + units / self._rate
        if turn > now:
            self._sleep(turn - now)
        return now

    def taken(self, units: int) -> None:
        with self._lock:
            self._taken.append((self._clock(), units))
            growth = INCREASE_PER_SECOND * max(self._rate, self._refused_rate)
            self._rate = min(FASTEST, self._rate + growth * units / self._rate)
            self._forget_old()

    def refused(self, decided_at: float) -> None:
        """Something that was let through at this time was too much."""
        with self._lock:
            # What was let through before the last cut says nothing about the rate since.
            if decided_at < self._cut_at:
                return
            self._cut_at = self._clock()
            self._forget_old()
            taken_lately = sum(units for _, units in self._taken) / WINDOW_SECONDS
            self._refused_rate = self._rate
            self._rate = max(SLOWEST, DECREASE * self._rate, KEPT_OF_TAKEN * taken_lately)

    def _forget_old(self) -> None:
        while self._taken and self._taken[0][0] < self._clock() - WINDOW_SECONDS:
            self._taken.popleft()


class Turn:
    """One batch on its way through a pace, however many attempts it takes."""

    def __init__(self, pace: Pace, units: int) -> None:
        self._pace, self._units = pace, units
        self._decided_at = 0.0

    def wait(self) -> None:
        self._decided_at = self._pace.wait(self._units)

    def refused(self) -> None:
        self._pace.refused(self._decided_at)

    def answered(self, units_left: int) -> None:
        """The batch was taken but for so many units."""
        if units_left:
            self.refused()
        self._pace.taken(self._units - units_left)
