"""What was counted in the last hour, sample by sample, in the memory of each worker.

Every sample is of all workers together, so that whichever is asked knows of all. A worker remembers
from its own start on.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from server.watching.figures import Figures, Tally, figures_of

PERIOD_SECONDS = 10.0
SAMPLES_KEPT = 361
"""An hour."""
TALLIES_KEPT = 4000
"""Of all tenants together; where there are many the past is shorter."""
RECENT_SECONDS = 300.0

Wall = Callable[[], float]
"""Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Sample:
    at: float
    """Seconds since the epoch."""
    tallies: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One line of the plots: figures of the time between two samples."""

    at: float
    """Its end, in seconds since the epoch."""
    figures: Figures


class History:
    """Safe for several threads."""

    def __init__(self, clock: Wall = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: deque[Sample] = deque()

    @property
    def is_due(self) -> bool:
        """Whether the last sample is a period old, or the clock was set back."""
        with self._lock:
            last = self._samples[-1].at if self._samples else None
        return last is None or not last <= self._clock() < last + PERIOD_SECONDS

    def note(self, tallies: Mapping[str, Tally]) -> None:
        with self._lock:
            self._samples.append(Sample(self._clock(), tallies))
            most = max(min(SAMPLES_KEPT, TALLIES_KEPT // max(len(tallies), 1)), 2)
            while len(self._samples) > most:
                self._samples.popleft()

    def recent(self, tenant: str, now: Tally) -> Figures:
        """Of the last five minutes, or of as many as are known; `now`: what is counted by now."""
        at = self._clock()
        known = [sample for sample in self._all() if sample.at <= at]
        before = [sample for sample in known if sample.at <= at - RECENT_SECONDS][-1:] or known[:1]
        if not before:
            return figures_of(Tally(), 0)
        return figures_of(_between(before[0], tenant, now), at - before[0].at)

    def stretches(self, tenant: str) -> list[Stretch]:
        """The oldest first."""
        samples = self._all()
        return [
            Stretch(
                now.at,
                figures_of(
                    _between(before, tenant, now.tallies.get(tenant, Tally())), now.at - before.at
                ),
            )
            for before, now in pairwise(samples)
            if now.at > before.at
        ]

    def _all(self) -> list[Sample]:
        with self._lock:
            return list(self._samples)


def _between(before: Sample, tenant: str, now: Tally) -> Tally:
    return now.since(before.tallies.get(tenant, Tally()))
