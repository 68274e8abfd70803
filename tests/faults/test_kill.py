"""kill -9 of the generator, at random instants and at every turn of its store."""

import random
import signal
import time

import pytest

from tests.faults.how_many import few_or_all
from tests.faults.platform import TENANT, Platform
from tests.faults.runs import Run
from tests.faults.stores import on_each_store
from tests.faults.strikes import POINTER, Strike

pytestmark = on_each_store

KILLS_AT_RANDOM = few_or_all(1, 3)
TURNS = {
    "write": [
        Strike("_create_rows", after=True),
        Strike("_put_rows", 1),
        Strike("_put_rows", 1, after=True),
        Strike("_put_rows", 2),
        Strike("_put_rows", 3, after=True),
    ],
    "verify": [
        Strike("_seal_rows"),
        Strike("_seal_rows", after=True),
        Strike("_count_rows", after=True),
        Strike("_checksum_rows", after=True),
    ],
    "pointer": [Strike(POINTER), Strike(POINTER, after=True)],
    "prune": [
        Strike("_drop_rows"),
        Strike("_drop_rows", after=True),
        Strike("_delete_record"),
        Strike("_delete_record", after=True),
    ],
}
STAGES = {
    "load": ("", "matrices"),
    "fit": ("matrices", "fit tfidf_user_interest"),
    "write": ("fit tfidf_user_interest", "list tfidf_user_interest"),
    "verify": ("users and courses", "check and publish"),
    "prune": ("check and publish", "Removed"),
}
"""Where -> the lines of the run between which the instants are drawn."""


def seconds_between(platform: Platform, night: int, first: str, last: str) -> float:
    """How long a run that nobody kills is between two of its lines."""
    with platform.running(night) as run:
        start = time.monotonic()
        if first:
            assert run.wait_for(first)
            start = time.monotonic()
        assert run.wait_for(last)
        seconds = time.monotonic() - start
        assert run.end().code == 0
    return seconds


def killed(platform: Platform, night: int, line: str, delay: float) -> Run:
    """A run that is killed so many seconds after it said `line`."""
    with platform.running(night) as run:
        if line:
            assert run.wait_for(line)
        time.sleep(delay)
        run.signal(signal.SIGKILL)
        run.end()
    return run


def survive(platform: Platform, run: Run, night: int, before: str) -> None:
    """What was live is live and whole; the next run waits for the lease, and then goes on."""
    assert run.ended.code == -signal.SIGKILL, run.ended.said
    platform.check(night - 1, night)
    state = platform.store.state(TENANT)
    assert before in state.live_and_before[:2]
    begun = platform.store.manifest(TENANT, before).created_at
    left = [m for m in platform.wrecks() if m.created_at > begun and m.row_counts]
    if state.lock:
        refused = platform.run(night)
        assert refused.code == 6
        assert f"process {run.pid} on" in refused.error
        platform.let_the_lease_lapse()
    after = platform.run(night)
    assert after.code == 0, after.said
    assert ("Continuing generation" in after.said) == bool(left), after.said
    platform.check(night)
    platform.check_tidy()


@pytest.fixture
def used(platform: Platform) -> Platform:
    """Two nights went well, so that the third has something to prune."""
    platform.publish(0)
    platform.publish(1)
    return platform


@pytest.mark.parametrize("where", STAGES)
def test_a_run_that_is_killed_at_any_instant_hurts_nobody(used, where, fault):
    chance = random.Random(where)
    line, last = STAGES[where]
    seconds = seconds_between(used, 2, line, last)
    for night in range(3, 3 + KILLS_AT_RANDOM):
        before = used.check(night - 1)
        while (run := killed(used, night, line, chance.uniform(0, seconds))).ended.code == 0:
            before = used.check(night)
        with fault(f"kill -9 in {where}"):
            survive(used, run, night, before)


@pytest.mark.parametrize("where", TURNS)
def test_a_run_that_is_killed_at_any_turn_of_its_store_hurts_nobody(used, where, fault):
    # Each takes three times as long there, and what is held is the same.
    turns = TURNS[where] if used.is_sqlite else TURNS[where][: few_or_all(2, len(TURNS[where]))]
    for night, strike in enumerate(turns, 2):
        with fault(f"kill -9 in {where}"):
            before = used.check(night - 1)
            with used.running(night, strikes=[strike]) as run:
                run.end()
            survive(used, run, night, before)
