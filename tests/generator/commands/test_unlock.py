"""A lock is taken from the dead, and from nobody else."""

import os
import socket
import subprocess
import sys
import time

import pytest

from shared.errors import LockHeld
from shared.stores import open_store
from shared.stores.state import LockRecord
from tests.generations import build, row_of
from tests.generator.commands.shell import assert_one_sentence

THREE_DAYS = 3 * 86400


@pytest.fixture
def locked(shell):
    """Leaves a lock as a run leaves it whose clock is three days ahead."""

    def locked(holder: str) -> None:
        now = time.time() + THREE_DAYS
        lock = LockRecord("token", holder, now, now + 120)
        store = open_store(shell.store_url)
        store._change_state("default", lambda state: setattr(state, "lock", lock))

    return locked


def a_dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_of_a_clock_three_days_ahead_is_broken_if_nothing_renews_it(shell, locked):
    locked("process 1 on another-machine")
    assert shell() == 6
    assert_one_sentence(shell, "run_generator.py unlock")
    assert shell("unlock", "--wait", "0.1") == 0
    assert "another-machine" in shell.out
    assert shell() == 0


def test_a_process_of_this_machine_that_is_gone_needs_no_wait(shell, locked):
    locked(f"process {a_dead_process()} on {socket.gethostname()}")
    started = time.monotonic()
    assert shell("unlock") == 0
    assert time.monotonic() - started < 60, "LOCK_LEASE_SECONDS is 120"
    assert open_store(shell.store_url).state("default").lock is None


def test_where_there_is_no_lock_nothing_happens(shell):
    assert shell("unlock") == 0
    assert "is not locked" in shell.out


def test_a_lock_that_is_renewed_stays(shell):
    store = open_store(shell.store_url)
    with store.lock("default", lease_seconds=0.3):
        assert shell("unlock", "--wait", "30") == 6
        assert_one_sentence(shell, f"process {os.getpid()} on", "it is alive")


def test_who_has_lost_the_lock_publishes_nothing(shell):
    store = open_store(shell.store_url)
    with pytest.raises(LockHeld, match="held by nobody, not by this run"), store.lock("default"):
        manifest = build(store, [row_of(1)])
        assert shell("unlock", "--wait", "0") == 0
        store.publish(manifest)
    assert store.live_generation("default") is None
