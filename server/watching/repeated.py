"""The same warning again and again: a few times, and then once in a while with a count.

An outage makes a warning of every request. Thousands of lines a second fill a disk and hide the one
that says why, so what repeats itself within a period is counted instead, and the count is said when
the period is over. What is no warning is never held back.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

PERIOD_SECONDS = 10.0
SAID_IN_A_PERIOD = 3
MAX_KEYS = 256
"""Different warnings that are told apart at a time; more begin to be counted together."""
_OF_ONE_REQUEST = frozenset({"milliseconds", "path", "trace_id"})
_SUMMARY = "kindred_summary"


@dataclass(slots=True)
class _Repeated:
    record: logging.LogRecord
    since: float
    said: int = 0
    held_back: int = 0


class OnceInAWhile(logging.Filter):
    """For a handler; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._repeated: dict[Hashable, _Repeated] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or hasattr(record, _SUMMARY):
            return True
        with self._lock:
            now = self._clock()
            key = _key(record)
            if key not in self._repeated and len(self._repeated) >= MAX_KEYS:
                key = (record.name, record.levelno)
            seen = self._repeated.setdefault(key, _Repeated(record, now))
            if seen.said == 0:
                self._say_later()
            passes = seen.said < SAID_IN_A_PERIOD
            seen.said += passes
            seen.held_back += not passes
        return passes

    def say_counts(self) -> None:
        """Say what was held back in periods that are over, and begin new ones."""
        with self._lock:
            now = self._clock()
            over = [k for k, one in self._repeated.items() if now - one.since >= PERIOD_SECONDS]
            counted = [one for one in map(self._repeated.pop, over) if one.held_back]
        for one in counted:
            logging.getLogger(one.record.name).handle(_summary(one, now - one.since))

    def _say_later(self) -> None:
        timer = threading.Timer(PERIOD_SECONDS, self.say_counts)
        timer.daemon = True
        timer.start()


def _key(record: logging.LogRecord) -> Hashable:
    """What makes two warnings the same: not what is of one request alone."""
    if fields := getattr(record, "fields", None):
        of_many = sorted((n, str(v)) for n, v in fields.items() if n not in _OF_ONE_REQUEST)
        return record.name, record.levelno, record.msg, *of_many
    if record.exc_info and record.exc_info[0]:
        return record.name, record.levelno, record.msg, record.exc_info[0]
    return record.name, record.levelno, record.getMessage()


def _summary(one: _Repeated, seconds: float) -> logging.LogRecord:
    said = f"{one.held_back:,} more like it in {seconds:.0f} s: {one.record.getMessage()}"
    record = logging.makeLogRecord({**one.record.__dict__, "msg": said, "args": None})
    record.created, record.exc_info = time.time(), None
    setattr(record, _SUMMARY, True)
    return record
