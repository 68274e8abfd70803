"""The contract of every store, and the policy that all of them share.

A backend adds I/O alone: the methods of backend.py. Generations only ever go one way:

    begin --> write, write, ... --> publish (seal, verify, move the pointer) --> prune
                    |                                        ^
                    `--> discard                 rollback ---'  (moves the pointer back)
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice

from shared.clock import utc_now
from shared.errors import (
    Conflict,
    GenerationDamaged,
    GenerationMissing,
    LockHeld,
    StoreError,
    StoreUnavailable,
)
from shared.records import FORMAT, Key, Manifest, Row, Text, read_row
from shared.stores.backend import check_names, written_twice
from shared.stores.lease import Lease, acquire, release, require_free, require_held
from shared.stores.manifests import MANIFEST, Manifests, parsed
from shared.stores.state import TenantState

WRITE_BATCH_ROWS = 5000
SWAP_ATTEMPTS = 20
_STATE = "state"


class Store(Manifests):
    """Rows in immutable generations, one of them live per tenant.

    Safe to use from several threads. Every method raises StoreUnavailable when the backend cannot
    be reached, and never lets an exception of the backend through.
    """

    def __init__(self) -> None:
        super().__init__()
        self._leases: dict[str, Lease] = {}

    # Reading

    def live_generation(self, tenant: str) -> str | None:
        """The generation that the tenant's pointer names; None before the first publish."""
        return self.state(tenant).live

    def live(self, tenant: str) -> Manifest | None:
        """The manifest of the live generation; None before the first publish."""
        state = self.state(tenant)
        return None if state.live is None else _published(self._load(tenant, state.live), state)

    def manifest(self, tenant: str, generation: str) -> Manifest:
        """Raises GenerationMissing if there is no such generation."""
        return _published(self._load(tenant, generation), self.state(tenant))

    def generations(self, tenant: str) -> list[Manifest]:
        """Every generation of the tenant, finished or not, oldest first."""
        state = self.state(tenant)
        manifests = [
            _published(parsed(Manifest.from_json, text), state)
            for _, text in self._list_records(tenant, MANIFEST)
        ]
        return sorted(manifests, key=lambda manifest: manifest.created_at)

    def state(self, tenant: str) -> TenantState:
        """Pointer, history and lock of the tenant as they are now."""
        return self._read_state(tenant)[0]

    def size_bytes(self, tenant: str, generation: str) -> int | None:
        """What the lists of a generation take; None if the store cannot say, or they are gone."""
        check_names(tenant, generation)
        try:
            return self._size_bytes(tenant, generation)
        except GenerationMissing:
            return None

    def get(self, tenant: str, generation: str, key: Key) -> Row | None:
        """One row; None if there is none of this section and subject."""
        return self.get_many(tenant, generation, [key]).get(key)

    def get_many(self, tenant: str, generation: str, keys: Iterable[Key]) -> dict[Key, Row]:
        """Several rows, of any sections; those that are not there are left out.

        Raises GenerationMissing if the generation's rows are gone, GenerationDamaged if one of them
        is none that was written.
        """
        texts = self.get_texts(tenant, generation, keys)
        return {key: parsed_row(key, text) for key, text in texts.items()}

    def get_texts(self, tenant: str, generation: str, keys: Iterable[Key]) -> Mapping[Key, Text]:
        """The same, but each row as the JSON text that `parsed_row` reads."""
        check_names(tenant, generation)
        wanted = list(dict.fromkeys(keys))
        return self._get_rows(tenant, generation, wanted) if wanted else {}

    # Writing

    def begin(self, tenant: str, data_digest: str = "", config_digest: str = "") -> str:
        """Open a new, empty generation and return its id.

        The digests say what it is made from, so that a later run knows whether it may `resume` it.
        """
        check_names(tenant)
        now = utc_now()
        generation = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        manifest = Manifest(tenant, generation, "building", now.isoformat(), FORMAT)
        manifest.data_digest, manifest.config_digest = data_digest, config_digest
        self._add_manifest(manifest)
        self._create_rows(tenant, generation)
        try:
            self._require_ours(tenant, generation)
        except LockHeld:
            # Whoever took the lock over removed the manifest, and knows nothing of these lists.
            self._drop_rows(tenant, generation)
            raise
        return generation

    def write(self, tenant: str, generation: str, rows: Iterable[Row]) -> int:
        """Add rows to a generation that is being built; returns how many.

        Each pair of section and subject may be written once: a second time is GenerationDamaged,
        here or when the generation is published.
        """
        stored = (((row.section, row.subject), row.to_json()) for row in rows)
        written = 0
        while batch := list(islice(stored, WRITE_BATCH_ROWS)):
            if len({key for key, _ in batch}) < len(batch):
                raise GenerationDamaged(written_twice(generation))
            if self._require_ours(tenant, generation).state != "building":
                raise StoreError(
                    f"Generation {generation} of tenant {tenant} is finished and takes no more "
                    "lists; begin a new one."
                )
            self._put_rows(tenant, generation, batch)
            written += len(batch)
        return written

    def save_progress(self, manifest: Manifest) -> None:
        """Remember how far a generation that is being built has come, for `resume`."""
        self._put_manifest(manifest)

    def resume(self, tenant: str, generation: str) -> Manifest:
        """Go on with a generation whose run died, after the sections that its manifest counts.

        What others have written must be written again, and replaces what is there. Raises
        GenerationDamaged or GenerationMissing if that cannot be.
        """
        manifest = self._take_over(tenant, generation)
        self._keep_sections(tenant, generation, list(manifest.row_counts))
        return manifest

    def publish(self, manifest: Manifest, sample: Iterable[Row] = ()) -> None:
        """Complete the generation, unless `complete` did, and make it live in one step.

        Raises GenerationDamaged if something reads back differently and LockHeld if the lock was
        lost; in both cases what was live stays live.
        """
        if manifest.state == "ready":
            self._put_manifest(manifest)
        else:
            self.complete(manifest, sample)
        self._move_pointer(manifest)

    def complete(self, manifest: Manifest, sample: Iterable[Row] = ()) -> None:
        """Seal the generation and read it back, without making it live.

        Counts are held against `manifest.row_counts`, each of `sample` is read and compared, and
        the checksum goes into the manifest. What a model that is skipped has written is passed
        over: it broke while it was listed, and nobody reads it. Raises GenerationDamaged.
        """
        tenant, generation = manifest.tenant, manifest.generation
        if self.manifest(tenant, generation).state == "published":
            raise StoreError(
                f"Generation {generation} of tenant {tenant} is published already; "
                "`rollback` points back at it."
            )
        self._seal_rows(tenant, generation)
        self._verify(manifest, sample)
        manifest.checksum = self._checksum_rows(tenant, generation)
        manifest.state = "ready"
        self._put_manifest(manifest)

    def hold(self, manifest: Manifest, sample: Iterable[Row] = ()) -> None:
        """Complete the generation likewise, but keep it from going live, as its manifest says why.

        Raises GenerationDamaged.
        """
        if manifest.state != "ready":
            self.complete(manifest, sample)
        manifest.state = "held"
        self._put_manifest(manifest)

    def go_live(self, manifest: Manifest) -> None:
        """Publish a complete generation that was held. Raises GenerationDamaged, LockHeld."""
        self.check(manifest)
        self._verify(manifest, ())
        self._move_pointer(manifest)

    def check(self, manifest: Manifest) -> None:
        """Hold the rows of a complete generation against the checksum in its manifest.

        Raises GenerationDamaged, GenerationMissing. Costs one pass over the rows.
        """
        if manifest.format != FORMAT:
            raise GenerationDamaged(_other_format(manifest))
        checksum = self._checksum_rows(manifest.tenant, manifest.generation)
        if checksum != manifest.checksum:
            raise GenerationDamaged(
                f"The lists of generation {manifest.generation} are not what was written: checksum "
                f"{checksum}, expected {manifest.checksum}. Roll back to another generation, or "
                "run the generator again."
            )

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
            state.point_at(target)

        return self._change_state(tenant, point_back).live or ""

    def discard(self, tenant: str, generation: str) -> None:
        """Remove a generation that is not live, finished or not. Removing it twice is no error.

        Raises LockHeld while another generator works, whose generation this might be, or if another
        has taken it over.
        """
        check_names(tenant, generation)
        if self._is_known(tenant, generation):
            self._require_ours(tenant, generation)

        def forget(state: TenantState) -> None:
            require_free(state, self._leases.get(tenant), tenant)
            if state.live == generation:
                raise StoreError(
                    f"Generation {generation} is live; roll back to another before discarding it."
                )
            state.history = [e for e in state.history if e.generation != generation]

        # The manifest goes last: after a crash in between it still names what is left to remove.
        self._change_state(tenant, forget)
        self._drop_rows(tenant, generation)
        self._delete_manifest(tenant, generation)

    def prune(self, tenant: str, keep: int, grace_seconds: float = 0) -> list[str]:
        """Remove all but the `keep` newest published generations, and every wreck; returns them.

        Whatever `keep` says, these stay: the live generation, the one before it, those that were
        live less than `grace_seconds` ago, since a server may still read them, and the newest that
        the gate has held since the live one was made. Raises LockHeld while another generator
        works, since what it is building looks like a wreck.
        """
        state = self.state(tenant)
        kept = {*state.generations[-max(keep, 1) :], state.live, state.previous}
        kept |= state.maybe_read(grace_seconds)
        manifests = self.generations(tenant)
        live_since = next((m.created_at for m in manifests if m.generation == state.live), "")
        held = [m for m in manifests if m.state == "held" and m.created_at > live_since]
        kept |= {manifest.generation for manifest in held[-1:]}
        doomed = [m.generation for m in manifests if m.generation not in kept]
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

    # Policy that only this class needs

    def _verify(self, manifest: Manifest, sample: Iterable[Row]) -> None:
        tenant, generation = manifest.tenant, manifest.generation
        expected = {section: rows for section, rows in manifest.row_counts.items() if rows}
        skipped = {card.model_handle for card in manifest.models if card.skipped}
        counted = {
            section: rows
            for section, rows in self._count_rows(tenant, generation).items()
            if section.partition("/")[2] not in skipped
        }
        if counted != expected:
            raise GenerationDamaged(
                f"Generation {generation} should hold {expected} rows but holds {counted}; "
                "it was not published. Run the generator again."
            )
        written = {(row.section, row.subject): row for row in sample}
        read = self.get_many(tenant, generation, written)
        for (section, subject), row in written.items():
            if read.get((section, subject)) != row:
                raise GenerationDamaged(
                    f"Generation {generation} gives another row for {section} of {subject!r} than "
                    "was written; it was not published. Run the generator again."
                )

    def _move_pointer(self, manifest: Manifest) -> None:
        tenant = manifest.tenant

        def go_live(state: TenantState) -> None:
            require_held(state, self._leases.get(tenant), tenant)
            state.go_live(manifest.generation, utc_now().isoformat())

        _published(manifest, self._change_state(tenant, go_live))

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


def parsed_row(key: Key, text: Text) -> Row:
    """Raises GenerationDamaged if the text is no row that was written."""
    return parsed(partial(read_row, key), text)


def _other_format(manifest: Manifest) -> str:
    age, cure = "a newer", "upgrade this one"
    if manifest.format < FORMAT:
        age, cure = "an older", "run `python run_generator.py` of this version once"
    return (
        f"Generation {manifest.generation} was written by {age} Kindred, and this one cannot read "
        f"its rows: {cure}."
    )


def _published(manifest: Manifest, state: TenantState) -> Manifest:
    """Say in the manifest whether and when it was published, which only the state knows."""
    for entry in state.history:
        if entry.generation == manifest.generation:
            manifest.state, manifest.published_at = "published", entry.published_at
    return manifest
