"""Warnings that repeat themselves are said a few times, and then counted."""

import io
import json
import logging

import pytest

from server.watching.logs import JSONLines
from server.watching.repeated import MAX_KEYS, PERIOD_SECONDS, SAID_IN_A_PERIOD, OnceInAWhile
from tests.server.calls import ManualClock


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def filter_(clock):
    return OnceInAWhile(clock)


@pytest.fixture
def said(filter_):
    """The lines of a handler with the filter, on a logger of this test alone."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(filter_)
    handler.setFormatter(JSONLines())
    logger = logging.getLogger("test.repeated")
    logger.addHandler(handler)
    logger.propagate, logger.level = False, logging.INFO
    yield lambda: [json.loads(line)["message"] for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.propagate = True


def log(level=logging.ERROR, text="The store is away: %s", *arguments, **more):
    logging.getLogger("test.repeated").log(level, text, *(arguments or ("why",)), **more)


def test_what_repeats_itself_is_said_a_few_times_and_then_counted(filter_, clock, said):
    for _ in range(37_800):
        log()
    assert said() == ["The store is away: why"] * SAID_IN_A_PERIOD
    clock.advance(PERIOD_SECONDS)
    filter_.say_counts()
    assert said()[SAID_IN_A_PERIOD:] == ["37,797 more like it in 10 s: The store is away: why"]
    log()
    assert said()[-1] == "The store is away: why"


def test_nothing_is_counted_that_was_said(filter_, clock, said):
    for _ in range(SAID_IN_A_PERIOD):
        log()
    clock.advance(PERIOD_SECONDS)
    filter_.say_counts()
    assert len(said()) == SAID_IN_A_PERIOD


def test_what_is_no_warning_is_never_held_back(said):
    for _ in range(100):
        log(logging.INFO)
    assert len(said()) == 100


def test_different_warnings_are_told_apart(said):
    for number in range(20):
        log(logging.WARNING, "%s", f"trouble {number}")
    assert len(said()) == 20


def test_requests_are_the_same_whatever_they_took_and_another_status_is_not(said):
    for status in (500, 503):
        for milliseconds in range(100):
            fields = {"route": "/similar-users", "status": status, "milliseconds": milliseconds}
            log(logging.WARNING, "%s in %s ms", status, milliseconds, extra={"fields": fields})
    assert len(said()) == 2 * SAID_IN_A_PERIOD


def test_a_flood_of_different_warnings_ends_too(filter_, clock, said):
    for number in range(5000):
        log(logging.WARNING, "%s", f"trouble {number}")
    assert len(said()) <= MAX_KEYS + SAID_IN_A_PERIOD
    clock.advance(PERIOD_SECONDS)
    filter_.say_counts()
    assert f"{5000 - len(said()) + 1:,} more like it" in said()[-1]
