"""The state of each tenant as a record of the store, and the lock that is a part of it.

A change is read, made and swapped in on the version that was read:

    read (state, version) --> change --> swap if the version is still that one
            ^                                 |
            `------------- lost a race -------'
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from shared.clock import utc_now
from shared.errors import Conflict, GenerationMissing, StoreError, StoreUnavailable
from shared.records import RunOutcome
from shared.stores.backend import check_names
from shared.stores.lease import Lease, acquire, break_lock, release, require_held
from shared.stores.manifests import Manifests, parsed
from shared.stores.state import LockRecord, TenantState

SWAP_ATTEMPTS = 20
_STATE = "state"
_LAST_RUN = "last-run"


class TenantStates(Manifests):
    def __init__(self) -> None:
        super().__init__()
        self._leases: dict[str, Lease] = {}

    def state(self, tenant: str) -> TenantState:
        """Pointer, history and lock of the tenant as they are now."""
        return self._read_state(tenant)[0]

    @contextmanager
    def lock(self, tenant: str, lease_seconds: float = 120) -> Iterator[None]:
        """Keep other generators of this tenant out; the lease is renewed from a thread.

        Raises LockHeld, saying by whom and since when, if another generator works already.
        """
        lease = Lease(lease_seconds)
        self._change_state(tenant, lambda state: acquire(state, lease, tenant))
        self._leases[tenant] = lease
        renew = lease.renew_in_background(lambda change: self._change_state(tenant, change))
        try:
            yield
        except StoreError:
            # Whatever it stumbled over, a run that lost its lock failed of that.
            with suppress(StoreUnavailable):
                require_held(self.state(tenant), lease, tenant)
            raise
        finally:
            renew.stop()
            del self._leases[tenant]
            # A lock that cannot be given back now lapses, and the block's own error matters more.
            with suppress(StoreError):
                self._change_state(tenant, lambda state: release(state, lease))

    def break_lock(self, tenant: str, seen: LockRecord) -> None:
        """Remove the lock of a holder that has died. Safe even if it has not: who has lost its lock
        publishes nothing. Raises LockHeld if it was renewed since it was `seen`."""
        self._change_state(tenant, lambda state: break_lock(state, seen))

    def pin(self, tenant: str) -> TenantState:
        """Keep live what is, whoever publishes, until `unpin`. Raises GenerationMissing if nothing
        is live."""

        def pin(state: TenantState) -> None:
            if state.live is None:
                raise GenerationMissing(f"Tenant {tenant} has no live generation to pin.")
            state.pinned_at = state.pinned_at or utc_now().isoformat(timespec="seconds")

        return self._change_state(tenant, pin)

    def unpin(self, tenant: str) -> TenantState:
        def unpin(state: TenantState) -> None:
            state.pinned_at = None

        return self._change_state(tenant, unpin)

    def note_outcome(self, tenant: str, outcome: RunOutcome) -> None:
        """Keep how a run ended, in place of the one before: servers show it."""
        check_names(tenant)
        self._put_record(tenant, _LAST_RUN, outcome.to_json())

    def last_run(self, tenant: str) -> RunOutcome | None:
        """How the last run ended; None if none was noted. Raises GenerationDamaged if that cannot
        be read."""
        check_names(tenant)
        record = self._read_record(tenant, _LAST_RUN)
        return None if record is None else parsed(RunOutcome.from_json, record[0])

    def _replace_state(self, tenant: str, state: TenantState) -> None:
        """Whatever stands there, also what cannot be read. Raises Conflict if it changes now."""
        record = self._read_record(tenant, _STATE)
        self._swap_record(tenant, _STATE, state.to_json(), record[1] if record else 0)

    def _read_state(self, tenant: str) -> tuple[TenantState, int]:
        check_names(tenant)
        record = self._read_record(tenant, _STATE)
        if record is None:
            return TenantState(), 0
        return parsed(TenantState.from_json, record[0]), record[1]

    def _change_state(self, tenant: str, change: Callable[[TenantState], None]) -> TenantState:
        """Apply `change` to the latest state and swap it in; on a race read again and retry."""
        for attempt in range(SWAP_ATTEMPTS):
            state, version = self._read_state(tenant)
            change(state)
            try:
                self._swap_record(tenant, _STATE, state.to_json(), version)
                return state
            except Conflict:
                time.sleep(min(0.01 * 2**attempt, 0.5) * secrets.randbelow(1000) / 1000)
        raise Conflict(
            f"The state of tenant {tenant} changed {SWAP_ATTEMPTS} times while it was being "
            "written; find out who else publishes for this tenant."
        )
