"""One run: load -> validate -> fit -> list -> check -> publish."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import numpy as np
import pandas as pd

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.describe import card_of, describe
from generator.evaluation.comparison import Comparison
from generator.evaluation.gate import overlap_with_live, reasons_to_hold
from generator.evaluation.headlines import headlines
from generator.evaluation.protocols import VIEWS
from generator.lists.directory import directory
from generator.lists.popular import PopularCourses
from generator.lists.profiles import profiles, titles
from generator.lists.ranked import USERS_PER_BLOCK, ranked_lists
from generator.load.digest import data_digest
from generator.load.files import load_tables
from generator.load.folders import label_of
from generator.memory import give_back, without_collections
from generator.models.base import Model
from generator.models.registry import make_models
from generator.plan import RunPlan, plan_run, run_options
from generator.processors import too_many_threads
from generator.progress import Reporter, Steps
from generator.publish import GenerationWriter, TakesLists, generation_writer
from generator.run_digest import config_digest
from generator.validation.set_aside import folder_of, write_set_aside
from generator.validation.validation import Validated, validate_tables
from shared.errors import DataError, GenerationDamaged, GenerationMissing, StoreError
from shared.records import (
    COURSE_TITLE,
    SEEN_POPULAR,
    USER_DIRECTORY,
    USER_PROFILE,
    Manifest,
    ModelCard,
    TableReport,
    UserLists,
)
from shared.settings import Settings
from shared.stores import Store


def generate(settings: Settings, store: Store, reporter: Reporter, force: bool = False) -> Manifest:
    """Run the whole generator; returns the manifest of the new generation, live or held.

    `force` publishes whatever the gate says. Raises DataError, SettingsError, ModelError or
    StoreError; whatever was live before then still is.
    """
    models = _listed_models(settings)
    tenant = settings.tenant
    with store.lock(tenant, settings.lock_lease_seconds):
        digests = data_digest(settings.data_url), config_digest(settings)
        validated = read_tables(settings, reporter)
        found = headlines(validated.tables, settings, reporter) if settings.evaluate else None
        dataset = to_matrices(validated, reporter)
        plan = plan_run(models, dataset, settings)
        with generation_writer(store, tenant, *digests, settings.seed) as writer:
            write_lists(models, dataset, settings, writer, reporter, plan)
            manifest = writer.manifest
            describe(manifest, dataset, settings, validated.reports, reporter.stages)
            if found:
                found.note(manifest)
            manifest.example_user_handle = writer.example_user_handle()
            with reporter.stage("check and publish") as steps:
                steps.rows = sum(manifest.list_counts.values())
                check_and_publish(writer, settings, store, reporter, force)
            # The lists are live by now: what the last stage took is no reason to fail.
            with suppress(StoreError):
                store.save_progress(manifest)
        if pruned := store.prune(tenant, settings.keep_generations, settings.grace_seconds):
            reporter.say(f"Removed {len(pruned)} old generations.")
    return manifest


def rehearse(settings: Settings, taker: TakesLists, reporter: Reporter) -> None:
    """Fit and list as `generate` does, but hand the lists to `taker`: no store, no lock."""
    models = _listed_models(settings)
    dataset, _ = read_data(settings, reporter)
    plan = plan_run(models, dataset, settings)
    nothing = Manifest(settings.tenant, "", "building", created_at="")
    writer = GenerationWriter(taker, nothing, settings.seed)
    write_lists(models, dataset, settings, writer, reporter, plan)


def _listed_models(settings: Settings) -> list[Model]:
    """Those with a list for each user; what is the same for everybody is kept once a generation."""
    models = make_models(settings.models, settings.model_options)
    return [model for model in models if model.is_personal]


def read_data(settings: Settings, reporter: Reporter) -> tuple[Dataset, list[TableReport]]:
    """Load and validate the tables, say what was set aside, and build the matrices."""
    validated = read_tables(settings, reporter)
    return to_matrices(validated, reporter), validated.reports


def to_matrices(validated: Validated, reporter: Reporter) -> Dataset:
    """The matrices of the tables, which are emptied: memory is for one of the two."""
    with reporter.stage("matrices") as steps:
        steps.rows = sum(len(table) for table in validated.tables.values())
        dataset = build_dataset(validated.tables)
    validated.tables.clear()
    validated.set_aside.clear()
    give_back()
    return dataset


def read_tables(settings: Settings, reporter: Reporter) -> Validated:
    """Load and validate the tables, and say what was set aside."""
    with reporter.stage("load") as steps:
        raw = load_tables(settings.data_url, settings.data_columns)
        steps.rows = rows = sum(len(table.frame) for table in raw.values())
    with reporter.stage("validate") as steps:
        steps.rows = rows
        validated = validate_tables(raw, settings.user_handle_type, settings.course_handle_type)
        folder = folder_of(settings.set_aside_folder, settings.tenant)
        write_set_aside(folder, validated.set_aside)
    for report in validated.reports:
        reporter.say(table_line(report))
    return validated


def read_test_views(url: str, train: Validated, columns: Mapping[str, str]) -> pd.DataFrame:
    """The views of a test part that was given as tables of its own, with the handles of `train`.

    Raises DataError if there are none.
    """
    raw = load_tables(url, columns)
    validated = validate_tables(raw, train.user_handle_type, train.course_handle_type)
    if VIEWS not in validated.tables:
        raise DataError(f"{label_of(url)} has no {VIEWS}: a test part is a folder with that table.")
    return validated.tables[VIEWS]


def write_lists(
    models: list[Model],
    dataset: Dataset,
    settings: Settings,
    writer: GenerationWriter,
    reporter: Reporter,
    plan: RunPlan,
) -> None:
    """Fit each model in turn and write its lists; then what everybody has seen of the popular.

    A model is let go when its lists are written: `models` is empty in the end.
    """
    if warning := too_many_threads(settings.threads):
        reporter.say(warning)
    for handle, reason in plan.skipped.items():
        reporter.say(f"{handle}: will be skipped, it {reason}")
    if writer.manifest.list_counts:
        done = ", ".join(writer.manifest.list_counts)
        reporter.say(f"Continuing generation {writer.manifest.generation}: has {done} already.")
    comparison = Comparison(dataset, settings.seed)
    while models:
        model = models.pop(0)
        if not writer.finished(model.handle):
            writer.finish(
                _fit_and_write(model, dataset, settings, writer, reporter, plan, comparison)
            )
        del model
        give_back()
    writer.manifest.activity = comparison.activity
    writer.manifest.overlaps = comparison.overlaps
    if not writer.finished(SEEN_POPULAR):
        popular = PopularCourses(dataset, settings.stored_list_length)
        with reporter.stage("popular courses") as steps:
            everybody = np.arange(len(dataset.users), dtype=np.int32)
            blocks = (
                popular.seen_by(everybody[start : start + USERS_PER_BLOCK])
                for start in range(0, len(everybody), USERS_PER_BLOCK)
            )
            steps(writer.write(SEEN_POPULAR, blocks).users, len(everybody))
        writer.finish()
    if settings.store_profiles:
        _write_for_people(dataset, writer, reporter)


def _write_for_people(dataset: Dataset, writer: GenerationWriter, reporter: Reporter) -> None:
    rows = {
        USER_PROFILE: profiles(dataset),
        COURSE_TITLE: iter([titles(dataset)]),
        USER_DIRECTORY: iter([directory(dataset.users.handles())]),
    }
    with reporter.stage("profiles and directory") as steps, without_collections():
        for reserved, blocks in rows.items():
            if not writer.finished(reserved):
                steps.rows += writer.write(reserved, blocks).users
                writer.finish()


def _fit_and_write(
    model: Model,
    dataset: Dataset,
    settings: Settings,
    writer: GenerationWriter,
    reporter: Reporter,
    plan: RunPlan,
    comparison: Comparison,
) -> ModelCard:
    if model.handle in plan.skipped:
        card = card_of(model)
        card.skipped = plan.skipped[model.handle]
        return card
    with reporter.stage(f"fit {model.handle}") as steps:
        steps.rows = sum(dataset.entries(need) for need in model.needs)
        model.fit(dataset, run_options(settings, steps, plan.block_bytes[model.handle]))
    card = card_of(model)
    card.fit_seconds = reporter.stages[-1].seconds
    with reporter.stage(f"list {model.handle}") as steps, without_collections():
        blocks = _blocks_of_lists(model, dataset, settings, steps, comparison)
        card.lists = writer.write(model.handle, blocks)
    comparison.describe(card)
    return card


def check_and_publish(
    writer: GenerationWriter, settings: Settings, store: Store, reporter: Reporter, force: bool
) -> None:
    """Let the gate look, then publish, or hold the generation with the gate's reasons."""
    manifest = writer.manifest
    live = store.live(settings.tenant)
    try:
        overlaps = overlap_with_live(writer.sample, live, store)
    except (GenerationDamaged, GenerationMissing) as damage:
        # The new generation is the cure, so what ails the live one must not stop it.
        reporter.say(f"The new lists cannot be compared with the live ones: {damage}")
        overlaps = {}
    manifest.overlap_with_live = {model: round(share, 4) for model, share in overlaps.items()}
    reasons = reasons_to_hold(manifest, live, overlaps, settings)
    manifest.held_because = [] if force else reasons
    if manifest.held_because:
        store.complete(manifest, writer.sample)
    else:
        store.publish(manifest, writer.sample)


def table_line(report: TableReport) -> str:
    """A table's counts in one line: what was kept, and why the rest was not."""
    line = f"  {report.table}: {report.rows_kept:,} of {report.rows_read:,} rows kept"
    reasons = [f"{rows:,} {reason}" for reason, rows in report.set_aside.items()]
    return f"{line}; set aside: {'; '.join(reasons)}" if reasons else line


def _blocks_of_lists(
    model: Model, dataset: Dataset, settings: Settings, steps: Steps, comparison: Comparison
) -> Iterator[list[UserLists]]:
    total = len(model.known_users())
    ranked = ranked_lists(model, dataset, settings.stored_list_length, settings.reasons_per_list)
    for users, lists in comparison.passing(model.handle, ranked):
        yield lists
        steps(steps.done + len(users), total)
