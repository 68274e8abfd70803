"""`run_generator.py unlock`: take the lock from a run that has died."""

import os
import re
import socket
import time

import click

from generator.commands.wiring import Wiring
from shared.stores.state import LockRecord

PAUSE_SECONDS = 1.0


@click.command()
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0),
    help="How long to look for a sign of life. [LOCK_LEASE_SECONDS]",
)
@click.pass_obj
def unlock(wiring: Wiring, wait_seconds: float | None) -> None:
    """Break a lock whose holder is dead, whatever its clock said.

    A living holder renews its lock three times within LOCK_LEASE_SECONDS, by its own clock: if that
    is seen, the lock stays. Who has lost its lock all the same publishes nothing.
    """
    settings, store, say = wiring.settings, wiring.store, wiring.reporter.say
    lock = store.state(settings.tenant).lock
    if lock is None:
        say(f"Tenant {settings.tenant} is not locked.")
        return
    patience = settings.lock_lease_seconds if wait_seconds is None else wait_seconds
    if not _has_died_here(lock):
        say(f"The lock is of {lock.holder}; looking for {patience:g} s whether it is renewed.")
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0 and store.state(settings.tenant).lock == lock:
            time.sleep(min(left, PAUSE_SECONDS))
    store.break_lock(settings.tenant, lock)
    say(f"The lock of {lock.holder} on tenant {settings.tenant} is broken.")


def _has_died_here(lock: LockRecord) -> bool:
    """True if it is certain: the holder was a process of this machine, and there is none."""
    holder = re.fullmatch(r"process (\d+) on (.+)", lock.holder)
    if holder is None or holder[2] != socket.gethostname():
        return False
    try:
        os.kill(int(holder[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
