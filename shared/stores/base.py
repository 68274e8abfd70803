"""The contract of every store, and the policy that all of them share.

A backend adds I/O alone: the methods of backend.py. Generations only ever go one way:

    begin --> write, write, ... --> publish (seal, verify, move the pointer) --> prune
                    |                                        ^
                    `--> discard                 rollback ---'  (moves the pointer back)
"""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice

from shared.clock import utc_now
from shared.errors import GenerationDamaged, GenerationMissing, LockHeld, StoreError
from shared.records import FORMAT, SEEN, Key, Manifest, Row, Text, read_row
from shared.stores.backend import check_names, written_twice
from shared.stores.lease import require_free, require_held
from shared.stores.manifests import MANIFEST, parsed
from shared.stores.state import TenantState, published_one, require_unpinned
from shared.stores.tenant_states import TenantStates
from shared.stores.verification import (
    require_checksum,
    require_counts,
    require_readable,
    require_rows,
)

WRITE_BATCH_ROWS = 5000


class Store(TenantStates):
    """Rows in immutable generations, one of them live per tenant.

    Safe to use from several threads. Every method raises StoreUnavailable when the backend cannot
    be reached, and never lets an exception of the backend through.
    """

    # Reading

    def live_generation(self, tenant: str) -> str | None:
        """The generation that the tenant's pointer names; None before the first publish."""
        return self.state(tenant).live

    def live(self, tenant: str) -> Manifest | None:
        """The manifest of the live generation; None before the first publish."""
        state = self.state(tenant)
        return None if state.live is None else _published(self._load(tenant, state.live), state)

    def manifest(self, tenant: str, generation: str, state: TenantState | None = None) -> Manifest:
        """`state` saves reading it again. Raises GenerationMissing if there is no such generation,
        GenerationDamaged if its manifest cannot be read."""
        manifest = self._load(tenant, generation)
        return _published(manifest, self.state(tenant) if state is None else state)

    def generations(self, tenant: str) -> list[Manifest]:
        """Every generation of the tenant, finished or not, oldest first, but for those that are
        `unreadable`."""
        state = self.state(tenant)
        manifests = [_published(m, state) for m in self._manifests(tenant).values() if m]
        return sorted(manifests, key=lambda manifest: manifest.created_at)

    def unreadable(self, tenant: str) -> list[str]:
        """Generations whose manifest cannot be read, oldest first. No command stops at them."""
        return sorted(name for name, found in self._manifests(tenant).items() if found is None)

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
            manifest = parsed(Manifest.from_json, self._require_ours(tenant, generation))
            if manifest.state != "building":
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
        require_readable(self._load(tenant, generation))
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
        self.verify(manifest)
        self._move_pointer(manifest)

    def verify(self, manifest: Manifest) -> None:
        """Read a complete generation through, and count its rows. Raises as `check` does."""
        self.check(manifest)
        self._verify(manifest, ())

    def check(self, manifest: Manifest) -> None:
        """Hold the rows of a complete generation against the checksum in its manifest, or, of a
        store that checks its own storage, see that they are there.

        Raises GenerationDamaged, GenerationMissing. Costs one pass over the rows, or one read.
        """
        require_readable(manifest)
        if self.checks_its_own_storage:
            self.get_texts(manifest.tenant, manifest.generation, [(SEEN, 0)])
        require_checksum(manifest, self._checksum_rows(manifest.tenant, manifest.generation))

    def rollback(self, tenant: str, to: str | None = None) -> str:
        """Point back at `to`, or at the generation before the live one; returns what is live now.

        It is checked before, which takes one pass over its rows. Raises GenerationMissing if there
        is nothing to go back to or its rows are gone, GenerationDamaged if they are not what was
        written, or of another version, whose rows no server of this one could read.
        """
        state = self.state(tenant)
        target = published_one(tenant, to or state.previous, state)
        self.check(self.manifest(tenant, target, state))

        def point_back(state: TenantState) -> None:
            require_unpinned(state, tenant)
            state.point_at(published_one(tenant, target, state))

        return self._change_state(tenant, point_back).live or ""

    def adopt(self, tenant: str) -> list[str]:
        """Take up published generations that the state does not name, for it was lost or damaged,
        or restored from before; returns them. If nothing is live then, the newest of all is.

        Manifests that were lost as well come from their copies. What cannot be served is left out.
        Raises Conflict if somebody publishes meanwhile.
        """
        stored, manifests = self.stored(tenant), self._manifests(tenant)
        for name, text in self._copied_records(tenant).items():
            generation = name.removeprefix(MANIFEST)
            if generation in stored and not manifests.get(generation):
                self._put_record(tenant, name, text)
        state = TenantState()
        with suppress(GenerationDamaged):
            state = self.state(tenant)
        adopted = []
        for manifest in reversed(self.published(tenant)):
            if manifest.generation not in state.generations:
                with suppress(GenerationDamaged, GenerationMissing):
                    self.verify(manifest)
                    adopted.append(manifest.generation)
                    state.take_up(manifest.generation, str(manifest.published_at))
        if state.live is None and state.history:
            state.point_at(state.history[-1].generation)
        if adopted:
            self._replace_state(tenant, state)
        return adopted

    def stored(self, tenant: str) -> list[str]:
        """Generations whose lists take room, as far as the store can tell without manifests."""
        check_names(tenant)
        return self._stored(tenant)

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
        unreadable = self.unreadable(tenant)
        live_since = next((m.created_at for m in manifests if m.generation == state.live), "")
        held = [m for m in manifests if m.state == "held" and m.created_at > live_since]
        kept |= {manifest.generation for manifest in held[-1:]}
        doomed = [m.generation for m in manifests if m.generation not in kept]
        # Of what cannot be read, only what was published is known to be no other version's work.
        doomed += [g for g in unreadable if g in state.generations and g not in kept]
        for generation in doomed:
            self.discard(tenant, generation)
        return doomed

    # Policy that only this class needs

    def _verify(self, manifest: Manifest, sample: Iterable[Row]) -> None:
        tenant, generation = manifest.tenant, manifest.generation
        require_counts(manifest, self._count_rows(tenant, generation))
        written: dict[Key, Row] = {(row.section, row.subject): row for row in sample}
        require_rows(manifest, written, self.get_many(tenant, generation, written))

    def _move_pointer(self, manifest: Manifest) -> None:
        tenant = manifest.tenant

        def go_live(state: TenantState) -> None:
            require_held(state, self._leases.get(tenant), tenant)
            require_unpinned(state, tenant)
            state.go_live(manifest.generation, utc_now().isoformat())

        _published(manifest, self._change_state(tenant, go_live))


def parsed_row(key: Key, text: Text) -> Row:
    """Raises GenerationDamaged if the text is no row that was written."""
    return parsed(partial(read_row, key), text)


def _published(manifest: Manifest, state: TenantState) -> Manifest:
    """Say in the manifest whether and when it was published, which only the state knows."""
    for entry in state.history:
        if entry.generation == manifest.generation:
            manifest.state, manifest.published_at = "published", entry.published_at
    return manifest
