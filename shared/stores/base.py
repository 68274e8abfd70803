"""The contract of every store, and the policy that all of them share.

A backend adds I/O alone: the `_` methods at the end. Generations only ever go one way:

    begin --> write, write, ... --> publish (seal, verify, move the pointer) --> prune
                    |                                        ^
                    `--> discard                 rollback ---'  (moves the pointer back)
"""

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Self

from shared.errors import Conflict, GenerationDamaged, GenerationMissing, StoreError
from shared.records import Handle, Manifest, UserLists, utc_now
from shared.stores.lease import Lease, acquire, release, require_held
from shared.stores.state import Publication, TenantState

WRITE_BATCH_ROWS = 1000
SWAP_ATTEMPTS = 20
_STATE = "state"
_MANIFEST = "manifest:"

Row = tuple[Handle, str, bytes]
"""user_handle, model_handle, lists as JSON."""


class Store(ABC):
    """Per-user lists in immutable generations, one of them live per tenant.

    Safe to use from several threads. Every method raises StoreUnavailable when the backend cannot
    be reached, and never lets an exception of the backend through.
    """

    def __init__(self) -> None:
        self._leases: dict[str, Lease] = {}

    @classmethod
    @abstractmethod
    def from_url(cls, url: str) -> Self: ...

    # Reading

    def live_generation(self, tenant: str) -> str | None:
        """The generation that the tenant's pointer names; None before the first publish."""
        return self.state(tenant).live

    def live(self, tenant: str) -> Manifest | None:
        """The manifest of the live generation; None before the first publish."""
        generation = self.live_generation(tenant)
        return None if generation is None else self.manifest(tenant, generation)

    def manifest(self, tenant: str, generation: str) -> Manifest:
        """Raises GenerationMissing if there is no such generation."""
        record = self._read_record(tenant, _MANIFEST + generation)
        if record is None:
            raise GenerationMissing(
                f"Tenant {tenant} has no generation {generation}; "
                "`python run_generator.py generations` lists those that are there."
            )
        return Manifest.from_json(record[0])

    def generations(self, tenant: str) -> list[Manifest]:
        """Every generation of the tenant, finished or not, oldest first."""
        return [Manifest.from_json(text) for _, text in self._list_records(tenant, _MANIFEST)]

    def state(self, tenant: str) -> TenantState:
        return self._read_state(tenant)[0]

    def get(
        self, tenant: str, generation: str, model_handle: str, user_handle: Handle
    ) -> UserLists | None:
        """One user's lists from one model; None if the model has none for this user."""
        return self.get_many(tenant, generation, model_handle, [user_handle]).get(user_handle)

    def get_many(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> dict[Handle, UserLists]:
        """The lists of several users; users without lists from this model are left out.

        Raises GenerationMissing if the generation's lists are gone.
        """
        wanted = list(dict.fromkeys(user_handles))
        found = self._get_rows(tenant, generation, model_handle, wanted)
        return {
            handle: UserLists.from_json(handle, model_handle, text)
            for handle, text in found.items()
        }

    # Writing

    def begin(self, tenant: str) -> str:
        """Open a new, empty generation and return its id."""
        now = utc_now()
        generation = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self._save(Manifest(tenant, generation, "building", created_at=now.isoformat()))
        self._create_lists(tenant, generation)
        return generation

    def write(self, tenant: str, generation: str, lists: Iterable[UserLists]) -> int:
        """Add lists to a generation that is being built; returns how many.

        Each pair of user and model may be written once.
        """
        rows = ((one.user_handle, one.model_handle, one.to_json()) for one in lists)
        written = 0
        while batch := list(islice(rows, WRITE_BATCH_ROWS)):
            self._put_rows(tenant, generation, batch)
            written += len(batch)
        return written

    def publish(self, manifest: Manifest, sample: Iterable[UserLists] = ()) -> None:
        """Seal the generation, read it back, and make it live in one step.

        Counts are held against `manifest.list_counts`, and each of `sample` is read and compared.
        Raises GenerationDamaged if something differs and LockHeld if the lock was lost; in both
        cases what was live stays live.
        """
        tenant, generation = manifest.tenant, manifest.generation
        self._seal_lists(tenant, generation)
        self._verify(manifest, sample)
        manifest.state = "ready"
        self._save(manifest)

        def go_live(state: TenantState) -> None:
            require_held(state, self._leases.get(tenant), tenant)
            state.history.append(Publication(generation, utc_now().isoformat()))
            state.live = generation

        self._change_state(tenant, go_live)

    def rollback(self, tenant: str, to: str | None = None) -> str:
        """Point back at `to`, or at the generation before the live one; returns what is live now.

        Raises GenerationMissing if there is nothing to go back to.
        """

        def point_back(state: TenantState) -> None:
            target = to or state.previous
            if target is None:
                raise GenerationMissing(
                    f"Tenant {tenant} has no generation before {state.live or 'the first'}, "
                    "so there is nothing to roll back to."
                )
            if target not in state.generations:
                raise GenerationMissing(
                    f"Generation {target} of tenant {tenant} was never published or is pruned; "
                    f"published are: {', '.join(state.generations) or 'none'}."
                )
            state.live = target

        return self._change_state(tenant, point_back).live or ""

    def discard(self, tenant: str, generation: str) -> None:
        """Remove a generation that is not live, finished or not. Removing it twice is no error."""

        def forget(state: TenantState) -> None:
            if state.live == generation:
                raise StoreError(
                    f"Generation {generation} is live; roll back to another before discarding it."
                )
            state.history = [e for e in state.history if e.generation != generation]

        # The manifest goes last: after a crash in between it still names what is left to remove.
        self._change_state(tenant, forget)
        self._drop_lists(tenant, generation)
        self._delete_record(tenant, _MANIFEST + generation)

    def prune(self, tenant: str, keep: int) -> list[str]:
        """Remove all but the `keep` newest published generations, and every wreck; returns them.

        The live generation and the one before it stay whatever `keep` says.
        """
        state = self.state(tenant)
        kept = {*state.generations[-max(keep, 1) :], state.live, state.previous}
        doomed = [m.generation for m in self.generations(tenant) if m.generation not in kept]
        for generation in doomed:
            self.discard(tenant, generation)
        return doomed

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
        finally:
            renew.stop()
            del self._leases[tenant]
            self._change_state(tenant, lambda state: release(state, lease))

    def close(self) -> None:
        """Let go of connections and files. The store can be used again afterwards."""

    # Policy that only this class needs

    def _verify(self, manifest: Manifest, sample: Iterable[UserLists]) -> None:
        tenant, generation = manifest.tenant, manifest.generation
        counted = self._count_lists(tenant, generation)
        expected = {handle: n for handle, n in manifest.list_counts.items() if n}
        if counted != expected:
            raise GenerationDamaged(
                f"Generation {generation} should hold {expected} lists but holds {counted}; "
                "it was not published. Run the generator again."
            )
        for lists in sample:
            found = self.get(tenant, generation, lists.model_handle, lists.user_handle)
            if found != lists:
                raise GenerationDamaged(
                    f"Generation {generation} gives other lists for user {lists.user_handle!r} and "
                    f"model {lists.model_handle} than were written; it was not published. "
                    "Run the generator again."
                )

    def _save(self, manifest: Manifest) -> None:
        self._put_record(manifest.tenant, _MANIFEST + manifest.generation, manifest.to_json())

    def _read_state(self, tenant: str) -> tuple[TenantState, int]:
        record = self._read_record(tenant, _STATE)
        return (TenantState(), 0) if record is None else (TenantState.from_json(record[0]), record[1])

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

    # I/O of the backend: lists of a generation

    @abstractmethod
    def _create_lists(self, tenant: str, generation: str) -> None: ...

    @abstractmethod
    def _put_rows(self, tenant: str, generation: str, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def _seal_lists(self, tenant: str, generation: str) -> None:
        """Make all rows durable and readable; nothing is written after this."""

    @abstractmethod
    def _count_lists(self, tenant: str, generation: str) -> dict[str, int]:
        """Rows per model handle, counted in the store; models without rows are left out."""

    @abstractmethod
    def _get_rows(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> Mapping[Handle, bytes | str]: ...

    @abstractmethod
    def _drop_lists(self, tenant: str, generation: str) -> None:
        """Remove the rows; no error if they are gone already."""

    # I/O of the backend: small records, each with a version that starts at 1

    @abstractmethod
    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None: ...

    @abstractmethod
    def _list_records(self, tenant: str, prefix: str) -> list[tuple[str, bytes | str]]:
        """Names and texts of the records whose name starts so, sorted by name."""

    @abstractmethod
    def _put_record(self, tenant: str, name: str, text: bytes) -> None: ...

    @abstractmethod
    def _swap_record(self, tenant: str, name: str, text: bytes, version: int) -> None:
        """Replace the record if it still has `version` (0: is absent); else raise Conflict."""

    @abstractmethod
    def _delete_record(self, tenant: str, name: str) -> None: ...

