"""The lock of one tenant: a lease that its holder renews and that a dead holder loses."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from shared.errors import LockHeld, StoreError
from shared.stores.state import LockRecord, TenantState

Change = Callable[[TenantState], None]


class Lease:
    """One generator's claim on a tenant; `token` tells it from every other claim."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.token = secrets.token_hex(8)
        self.holder = f"process {os.getpid()} on {socket.gethostname()}"

    def renew_in_background(self, change_state: Callable[[Change], object]) -> "Renewal":
        return Renewal(self, change_state)


class Renewal:
    """Renews a lease three times within its length until `stop` is called."""

    def __init__(self, lease: Lease, change_state: Callable[[Change], object]) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(lease, change_state), name="lease", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self, lease: Lease, change_state: Callable[[Change], object]) -> None:
        while not self._stopped.wait(lease.seconds / 3):
            try:
                change_state(lambda state: _renew(state, lease))
            except LockHeld:
                return
            except StoreError:
                # The next turn tries again; publishing checks the lease in any case.
                continue


def acquire(state: TenantState, lease: Lease, tenant: str) -> None:
    """Take the lock, also one whose lease ran out. Raises LockHeld."""
    require_free(state, None, tenant)
    now = time.time()
    state.lock = LockRecord(lease.token, lease.holder, now, now + lease.seconds)


def require_free(state: TenantState, lease: Lease | None, tenant: str) -> None:
    """Raise LockHeld if somebody else holds the lock now. `lease` is ours, if we have one."""
    held = state.lock
    if held is None or held.expires_at <= time.time() or (lease and held.token == lease.token):
        return
    raise LockHeld(
        f"Tenant {tenant} is locked by {held.holder} since {_utc(held.since)}; wait until it "
        f"is done. If that process is dead, its lock lapses at {_utc(held.expires_at)}, and "
        "`python run_generator.py unlock` breaks it before."
    )


def require_held(state: TenantState, lease: Lease | None, tenant: str) -> None:
    """Raise LockHeld if somebody else holds the lock, or if the lease of ours was taken over."""
    if lease is None:
        require_free(state, lease, tenant)
    elif state.lock is None or state.lock.token != lease.token:
        holder = "nobody" if state.lock is None else state.lock.holder
        raise LockHeld(
            f"The lock of tenant {tenant} is held by {holder}, not by this run, so nothing was "
            "published. Run the generator again when the other is done."
        )


def break_lock(state: TenantState, seen: LockRecord) -> None:
    """Take the lock from whoever held it as it was `seen`. Raises LockHeld if it lives since."""
    if state.lock is None or state.lock.token != seen.token:
        return
    if state.lock.expires_at != seen.expires_at:
        raise LockHeld(
            f"{seen.holder} has just renewed its lock, so it is alive: wait until it is done, or "
            "end it there."
        )
    state.lock = None


def release(state: TenantState, lease: Lease) -> None:
    if state.lock is not None and state.lock.token == lease.token:
        state.lock = None


def _renew(state: TenantState, lease: Lease) -> None:
    if state.lock is None or state.lock.token != lease.token:
        raise LockHeld("The lease was taken over.")
    state.lock.expires_at = time.time() + lease.seconds


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
