"""Rows into the store, and the generation live: nothing is visible before the last step."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Protocol

import numpy as np

from generator.process.memory import BYTES_PER_MB
from generator.process.progress import Reporter
from shared.clock import utc_now
from shared.errors import GenerationDamaged, GenerationMissing, StoreError
from shared.records import Manifest, ModelCard, Row, Section
from shared.settings import GeneratorSettings
from shared.stores import Store

SAMPLE_SIZE = 1000
ROWS_PER_BATCH = 5000
UNFINISHED = ("building", "ready")
"""States of a generation whose run died before the pointer was moved."""


class TakesRows(Protocol):
    """What a writer needs of a store; a dry run has something else that takes rows."""

    def write(self, tenant: str, generation: str, rows: Iterable[Row]) -> int: ...

    def save_progress(self, manifest: Manifest) -> None: ...


class GenerationWriter:
    """Writes one generation, remembering a random sample of what it wrote.

    What is written counts once `finish` says that it is complete.
    """

    def __init__(self, store: TakesRows, manifest: Manifest, seed: int) -> None:
        self._store = store
        self._random = np.random.default_rng(seed)
        self._passed = 0
        self._unfinished: Counter[Section] = Counter()
        self.manifest = manifest
        self.sample: list[Row] = []

    def has_model(self, model_handle: str) -> bool:
        """True if a run that died before was done with this model."""
        return any(card.model_handle == model_handle for card in self.manifest.models)

    def has_section(self, section: Section) -> bool:
        return section in self.manifest.row_counts

    def write(self, section: Section, rows: Iterable[Row]) -> int:
        """Write some rows of one section; returns how many."""
        tenant, generation = self.manifest.tenant, self.manifest.generation
        passing, before = iter(rows), self._unfinished[section]
        while batch := list(islice(passing, ROWS_PER_BATCH)):
            self._draw(batch)
            self._unfinished[section] += self._store.write(tenant, generation, batch)
        return self._unfinished[section] - before

    def forget(self, model_handle: str) -> None:
        """Count nothing of a model that broke; what it wrote stays, and nobody reads it."""
        self._unfinished.clear()
        self.manifest.rankings.pop(model_handle, None)
        self.sample = [r for r in self.sample if r.section.partition("/")[2] != model_handle]

    def finish(self, card: ModelCard | None = None) -> None:
        """Remember what was written as done, so that a run that dies later need not repeat it."""
        self.manifest.row_counts |= self._unfinished
        self._unfinished.clear()
        if card is not None:
            self.manifest.models.append(card)
        self._store.save_progress(self.manifest)

    def _draw(self, rows: Sequence[Row]) -> None:
        # Reservoir sampling (Vitter 1985, algorithm R): every row has the same chance.
        free = SAMPLE_SIZE - len(self.sample)
        self.sample += rows[:free]
        first, self._passed = self._passed, self._passed + len(rows)
        places = (self._random.random(len(rows)) * np.arange(first + 1, self._passed + 1)).astype(
            int
        )
        places[:free] = SAMPLE_SIZE
        for drawn in np.flatnonzero(places < SAMPLE_SIZE).tolist():
            self.sample[places[drawn]] = rows[drawn]


@contextmanager
def generation_writer(
    store: Store, tenant: str, data_digest: str, config_digest: str, seed: int
) -> Iterator[GenerationWriter]:
    """A writer on a generation of this data and these settings, new or left over from a dead run.

    One that the gate holds is taken up too: it is judged again, not made again. Other wrecks are
    removed first. If the block fails, what a next run can go on with stays; otherwise, and if it
    was the store that failed, the generation is discarded.
    """
    manifest = _left_over(store, tenant, data_digest, config_digest)
    if manifest is None:
        generation = store.begin(tenant, data_digest, config_digest)
        manifest = store.manifest(tenant, generation)
    writer = GenerationWriter(store, manifest, seed)
    try:
        yield writer
    except BaseException as error:
        if isinstance(error, StoreError) or not manifest.row_counts:
            with suppress(StoreError):
                store.discard(tenant, manifest.generation)
        raise


def make_room(store: Store, settings: GeneratorSettings, reporter: Reporter) -> None:
    """See before hours of fitting that what comes of it will have room, and remove what need not
    stay if not. Raises StoreError if there is none for as much as is live."""
    tenant = settings.tenant
    live = store.live_generation(tenant)
    wanted = live and store.size_bytes(tenant, live)
    if not wanted or _has_room(store, wanted):
        return
    if pruned := store.prune(tenant, settings.keep_generations, settings.grace_seconds):
        reporter.say(f"Removed {len(pruned)} old generations, since the store is nearly full.")
    if not _has_room(store, wanted):
        raise StoreError(
            f"The store is nearly full: {(store.free_bytes() or 0) / BYTES_PER_MB:.1f} MB are "
            f"free, and what is live takes {wanted / BYTES_PER_MB:.1f} MB. Make room, or keep less "
            "with KEEP_GENERATIONS and `python run_generator.py discard`; nothing was fitted."
        )


def _has_room(store: Store, wanted_bytes: int) -> bool:
    free = store.free_bytes()
    return free is None or free >= wanted_bytes


def _left_over(store: Store, tenant: str, data_digest: str, config_digest: str) -> Manifest | None:
    """The newest generation of this data and settings that can be gone on with.

    Other wrecks are removed.
    """
    taken = None
    for manifest in reversed(store.generations(tenant)):
        same = manifest.is_of(data_digest, config_digest, utc_now().date())
        wanted = taken is None and same and bool(manifest.row_counts)
        if manifest.state == "held" and not (wanted and _may_be_judged_again(manifest)):
            continue
        if manifest.state not in (*UNFINISHED, "held"):
            continue
        if wanted:
            with suppress(GenerationDamaged, GenerationMissing):
                taken = _taken_up(store, manifest)
                continue
        store.discard(tenant, manifest.generation)
    return taken


def _may_be_judged_again(held: Manifest) -> bool:
    """False if a model broke in it, which may do better this time."""
    return not any(card.failed for card in held.models)


def _taken_up(store: Store, wreck: Manifest) -> Manifest:
    was_sealed = wreck.state != "building"
    manifest = store.resume(wreck.tenant, wreck.generation)
    if not was_sealed:
        manifest.models = [card for card in manifest.models if not card.failed]
    manifest.held_because = []
    return manifest
