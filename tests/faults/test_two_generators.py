"""Two generators of one tenant: at once, and one that was away while its lease ran out."""

import re
import signal
import time
from contextlib import ExitStack

import pytest

from shared.errors import LockHeld
from shared.stores.state import LockRecord
from tests.faults.platform import TENANT
from tests.faults.stores import on_each_store
from tests.faults.strikes import POINTER, Strike

pytestmark = on_each_store

MOMENTS = [
    Strike("_create_rows", action="stop"),
    Strike("_put_rows", 2, action="stop"),
    Strike("_put_rows", 2, after=True, action="stop"),
    Strike("_put_rows", 3, action="stop"),
    Strike("_seal_rows", action="stop"),
    Strike("_seal_rows", after=True, action="stop"),
    Strike("_checksum_rows", after=True, action="stop"),
    Strike(POINTER, action="stop"),
]
AWAY = [(moment, night) for moment in MOMENTS for night in (1, 2)]
"""When the first run is away, and the night of the second: the same data, or other."""


def test_of_two_at_once_one_publishes_and_the_other_says_who_holds_the_lock(
    platform, tmp_path, fault
):
    working = tmp_path / "working"
    for night in range(4):
        with fault("two generators at once"), ExitStack() as runs:
            before = platform.live
            pair = [
                runs.enter_context(
                    platform.running(night, strikes=[Strike("_seal_rows", action=str(working))])
                )
                for _ in range(2)
            ]
            while not (working.exists() and any(run.is_over for run in pair)):
                time.sleep(0.01)
            first, second = sorted(pair, key=lambda run: run.is_over)
            refused = second.end()
            assert refused.code == 6
            assert re.search(rf"by process {first.pid} on .* since \d{{4}}-", refused.error)
            assert platform.live == before
            working.unlink()
            assert first.end().code == 0, first.end().said
            assert platform.check(night) != before
            platform.check_tidy()


@pytest.mark.parametrize(("moment", "night"), AWAY, ids=str)
def test_who_was_away_while_its_lease_ran_out_changes_nothing(platform, moment, night, fault):
    with fault("lease lost while stopped"), platform.running(1, strikes=[moment]) as first:
        first.wait_until_stopped()
        platform.let_the_lease_lapse()
        live = platform.publish(night)
        first.signal(signal.SIGCONT)
        refused = first.end()
        assert platform.check(night) == live
        assert refused.code == 6, refused.said
        assert "The lock of tenant default" in refused.error
        platform.check_tidy()


def test_the_lock_of_a_dead_one_lapses_by_itself(platform, fault):
    with fault("lock left by a dead process"):
        with platform.running(0, strikes=[Strike("_seal_rows")], LOCK_LEASE_SECONDS="5") as dead:
            assert dead.end().code == -signal.SIGKILL
        with pytest.raises(LockHeld), platform.store.lock(TENANT):
            pytest.fail("the lease has seconds left")
        lapses_at = platform.store.state(TENANT).lock.expires_at
        time.sleep(max(0, lapses_at - time.time()))
        assert "Continuing generation" in platform.run(0).said
        platform.check(0)
        platform.check_tidy()


def test_a_lock_of_a_clock_three_days_ahead_is_broken_and_the_next_run_publishes(platform, fault):
    platform.publish(0)
    ahead = time.time() + 3 * 86400
    lock = LockRecord("token", "process 1 on another-machine", ahead, ahead + 120)
    with fault("lock taken with a clock three days ahead"):
        platform.store._change_state(TENANT, lambda state: setattr(state, "lock", lock))
        assert platform.run(1).code == 6
        assert platform.run(1, "unlock", "--wait", "0.2").code == 0
        platform.publish(1)
        platform.check_tidy()


def test_a_lock_that_lives_is_not_broken(platform, tmp_path, fault):
    working = tmp_path / "working"
    with fault("`unlock` while a run works"):
        strike = Strike("_seal_rows", action=str(working))
        with platform.running(0, strikes=[strike], LOCK_LEASE_SECONDS="5") as run:
            while not working.exists():
                time.sleep(0.01)
            refused = platform.run(0, "unlock", LOCK_LEASE_SECONDS="5")
            assert refused.code == 6
            assert "it is alive" in refused.error
            working.unlink()
            assert run.end().code == 0, run.end().said
        platform.check(0)


def test_a_pinned_generation_outlasts_runs_until_it_is_unpinned(platform, fault):
    good, _ = platform.publish(0), platform.publish(1)
    with fault("runs while pinned"):
        assert platform.run(1, "pin", good).code == 0
        for night in (2, 2):
            held = platform.run(night)
            assert held.code == 7
            assert "pinned" in held.error
            assert platform.check(0) == good
        assert platform.run(2, "unpin").code == 0
        platform.publish(2)
