"""Keeps requests from queueing for a store that takes its time to fail."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from shared.errors import StoreUnavailable

Result = TypeVar("Result")
Clock = Callable[[], float]

SLOW_SECONDS = 0.1
"""A failure that comes sooner holds nobody up, so the store is simply asked again."""
PAUSE_SECONDS = 1.0


class Breaker:
    """A circuit breaker (M. Nygard, Release It!, 2007): after a slow failure the store is left
    alone for a second, then one request tries it and the others are refused at once.

    Without it each request that misses the cache would hold a thread until its time is up, and
    those that the cache could answer would wait behind them.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: StoreUnavailable | None = None
        self._try_again_at = 0.0
        self._trying = False

    def call(self, read: Callable[[], Result]) -> Result:
        """What `read` gives. Raises StoreUnavailable at once while the store is left alone."""
        failure = self._failure
        if failure is not None:
            self._take_the_turn(failure)
        started = self._clock()
        try:
            result = read()
        except StoreUnavailable as error:
            with self._lock:
                if self._clock() - started >= SLOW_SECONDS:
                    self._failure = error
                self._try_again_at = self._clock() + PAUSE_SECONDS
            raise
        else:
            self._failure = None
            return result
        finally:
            if failure is not None:
                self._trying = False

    def _take_the_turn(self, failure: StoreUnavailable) -> None:
        with self._lock:
            if self._trying or self._clock() < self._try_again_at:
                raise StoreUnavailable(*failure.args)
            self._trying = True
