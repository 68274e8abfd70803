"""One run: load -> validate -> rehearse -> fit -> list -> blend -> check -> publish."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray

from generator.checks.check import check
from generator.checks.sample import ListSample
from generator.dataset.build import Tables, build_dataset
from generator.dataset.dataset import Dataset
from generator.describe import describe, name_examples
from generator.duplicates.stage import duplicates_in
from generator.evaluation.headlines import headlines
from generator.intake import read_data, read_tables, to_matrices
from generator.listing import Listing
from generator.plan import models_of, plan_run
from generator.process.progress import Reporter
from generator.publish import GenerationWriter, TakesRows, generation_writer, make_room
from generator.refresh.kept_run import KeptRun, drop_all_but
from generator.reranking.on_offer import first_end
from generator.reranking.rules import rules_of
from generator.run_digest import config_digest, gate_digest
from generator.validation.columns import COURSES
from generator.validation.validation import Validated
from shared.errors import GenerationDamaged, GenerationMissing, Pinned, StoreError
from shared.events import EventLog
from shared.records import Manifest
from shared.settings import GeneratorSettings
from shared.stores import Store
from shared.stores.state import require_unpinned


def generate(
    settings: GeneratorSettings,
    store: Store,
    reporter: Reporter,
    force: bool = False,
    log: EventLog | None = None,
) -> Manifest:
    """Run the whole generator; returns the manifest of the new generation, live or held.

    `force` publishes whatever the gate says. Events of `log` are learned from beside the tables.
    Raises DataError, SettingsError, ModelError or StoreError; whatever was live before then still
    is.
    """
    models, tenant = models_of(settings), settings.tenant
    with store.lock(tenant, settings.lock_lease_seconds):
        make_room(store, settings, reporter)
        validated = read_tables(settings, reporter, _live(store, tenant), log)
        digests = validated.data_digest, config_digest(settings)
        stands_for, rehearsed = _duplicates(validated.tables, settings, reporter), None
        if settings.evaluate:
            rehearsed = headlines(validated.tables, settings, reporter, stands_for)
        kept = _kept(validated, settings, reporter)
        dataset = to_matrices(validated, settings, reporter)
        rules = rules_of(settings, dataset, stands_for)
        dataset = rules.offered(dataset)
        plan = plan_run(models, dataset, settings, rehearsed.losing if rehearsed else ())
        if rehearsed:
            models = [rehearsed.taught.get(model.handle, model) for model in models]
        sample = ListSample(dataset, settings.seed)
        with generation_writer(store, tenant, *digests, settings.seed) as writer:
            manifest = writer.manifest
            manifest.rules, manifest.on_offer_until = rules.said, first_end(dataset)
            manifest.events_cursor = validated.events_cursor
            if kept:
                kept = _named(kept, manifest.generation, dataset, stands_for, settings, reporter)
            listing = Listing(
                dataset, settings, plan, writer, sample, reporter, rules, stands_for, kept=kept
            )
            listing.write_models(models)
            listing.write_facts()
            manifest.tables, manifest.stages = validated.reports, reporter.stages
            manifest.gate_digest = gate_digest(settings, store.state(tenant))
            describe(manifest, dataset, settings)
            if rehearsed:
                rehearsed.note(manifest)
            with reporter.stage("check and publish") as steps:
                steps.rows = sum(manifest.row_counts.values())
                store.complete(manifest, writer.sample)
                verdict = check(manifest, dataset, sample, store, settings)
                name_examples(manifest, sample)
                reasons = [] if force else verdict.reasons
                _publish(manifest, [*reasons, *_pinned(store, tenant)], store)
        if verdict.unread:
            reporter.say(f"The lists were not compared with the live ones: {verdict.unread}")
        _after_publishing(manifest, settings, store, reporter)
    return manifest


def _live(store: Store, tenant: str) -> Manifest | None:
    """None too if it cannot be read: the new generation is the cure, and nothing stops it."""
    with suppress(GenerationDamaged, GenerationMissing):
        return store.live(tenant)
    return None


def _kept(validated: Validated, settings: GeneratorSettings, reporter: Reporter) -> KeptRun | None:
    """What `refresh` will need, if that is wanted."""
    if not settings.models_folder:
        return None
    with reporter.stage("keep tables") as steps, _unkept(settings, reporter):
        steps.rows = sum(len(table) for table in validated.tables.values())
        return KeptRun.begin(settings, validated)
    return None


def _named(
    kept: KeptRun,
    generation: str,
    dataset: Dataset,
    stands_for: NDArray[np.int32] | None,
    settings: GeneratorSettings,
    reporter: Reporter,
) -> KeptRun | None:
    with _unkept(settings, reporter):
        kept.named(generation, dataset, stands_for)
        return kept
    return None


@contextmanager
def _unkept(settings: GeneratorSettings, reporter: Reporter) -> Iterator[None]:
    """No run fails of what is kept for `refresh`: this night's lists are as good without."""
    try:
        yield
    except OSError as error:
        reporter.warn(
            f"Nothing is kept in {settings.models_folder}, so `refresh` cannot follow this "
            f"generation: {error}"
        )


def _duplicates(
    tables: Tables, settings: GeneratorSettings, reporter: Reporter
) -> NDArray[np.int32] | None:
    """Of duplicates which is listed, rehearsed or published; None where nobody looks for them.

    A few seconds for matrices that are made again later, of tables that a rehearsal cuts first.
    """
    if not settings.duplicates or COURSES.name not in tables:
        return None
    return duplicates_in(build_dataset(tables), settings, reporter).stands_for


def dry_run(settings: GeneratorSettings, taker: TakesRows, reporter: Reporter) -> None:
    """Fit and list as `generate` does, but hand the rows to `taker`: no store, no lock."""
    models = models_of(settings)
    dataset, _ = read_data(settings, reporter)
    nothing = Manifest(settings.tenant, "", "building", created_at="")
    writer = GenerationWriter(taker, nothing, settings.seed)
    stands_for = duplicates_in(dataset, settings, reporter).stands_for
    rules = rules_of(settings, dataset, stands_for)
    dataset = rules.offered(dataset)
    sample = ListSample(dataset, settings.seed)
    plan = plan_run(models, dataset, settings)
    listing = Listing(dataset, settings, plan, writer, sample, reporter, rules, stands_for)
    listing.write_models(models)
    listing.write_facts()


def _pinned(store: Store, tenant: str) -> list[str]:
    """Why nothing goes live whatever the gate says, if somebody wants what is live to stay."""
    try:
        require_unpinned(store.state(tenant), tenant)
    except Pinned as pinned:
        return [str(pinned)]
    return []


def _publish(manifest: Manifest, reasons: list[str], store: Store) -> None:
    """Live, unless there are reasons to hold it."""
    manifest.held_because = reasons
    if reasons:
        store.hold(manifest)
    else:
        store.publish(manifest)


def _after_publishing(
    manifest: Manifest, settings: GeneratorSettings, store: Store, reporter: Reporter
) -> None:
    """The lists are live or held by now: what fails here is no reason to call the run failed."""
    with suppress(StoreError):
        store.save_progress(manifest)
    try:
        pruned = store.prune(settings.tenant, settings.keep_generations, settings.grace_seconds)
    except StoreError as error:
        reporter.warn(
            f"generation {manifest.generation} is {manifest.state}, but old generations "
            f"could not be removed: {error} `python run_generator.py prune` removes them later."
        )
    else:
        if pruned:
            reporter.say(f"Removed {len(pruned)} old generations.")
    if settings.models_folder:
        with suppress(StoreError):
            drop_all_but(settings, [m.generation for m in store.generations(settings.tenant)])
