"""One run: load -> validate -> fit -> list -> check -> publish."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.dataset.set_aside import write_set_aside
from generator.dataset.validation import validate_tables
from generator.lists.popular import PopularCourses
from generator.lists.ranked import ranked_lists
from generator.load.digest import data_digest
from generator.load.files import load_tables
from generator.models.base import Model, RunOptions
from generator.models.registry import MODELS, model_class
from generator.progress import Reporter, Steps
from generator.publish import GenerationWriter, generation_writer
from generator.run_digest import config_digest
from shared.errors import DataError
from shared.records import SEEN_POPULAR, Manifest, ModelCard, TableReport
from shared.settings import Settings
from shared.stores import Store

BYTES_PER_MB = 2**20


def generate(settings: Settings, store: Store, reporter: Reporter) -> Manifest:
    """Run the whole generator and return the manifest of the generation that is now live.

    Raises DataError, SettingsError or StoreError; whatever was live before then still is.
    """
    models = [
        model_class(handle)(**settings.model_options.get(handle, {}))
        for handle in settings.models or MODELS
    ]
    with store.lock(settings.tenant, settings.lock_lease_seconds):
        digest = data_digest(settings.data_url)
        dataset, tables = read_data(settings, reporter)
        check_runnable(models, dataset, settings.data_url)
        with generation_writer(store, settings.tenant, settings.seed) as writer:
            cards = write_lists(models, dataset, settings, writer, reporter)
            manifest = store.manifest(settings.tenant, writer.generation)
            describe(manifest, settings, dataset, cards)
            manifest.example_user_handle = writer.example_user_handle(manifest.default_model_handle)
            manifest.tables, manifest.data_digest = tables, digest
            manifest.stages = reporter.stages
            with reporter.stage("check and publish"):
                writer.publish(manifest)
        if pruned := store.prune(settings.tenant, settings.keep_generations):
            reporter.say(f"Removed {len(pruned)} old generations.")
    return manifest


def read_data(settings: Settings, reporter: Reporter) -> tuple[Dataset, list[TableReport]]:
    """Load and validate the tables, say what was set aside, and build the matrices."""
    with reporter.stage("load"):
        raw = load_tables(settings.data_url)
    with reporter.stage("validate"):
        validated = validate_tables(raw, settings.user_handle_type, settings.course_handle_type)
        write_set_aside(Path(settings.set_aside_folder), validated.set_aside)
    for report in validated.reports:
        reporter.say(table_line(report))
    with reporter.stage("matrices"):
        return build_dataset(validated.tables), validated.reports


def check_runnable(models: Sequence[Model | type[Model]], dataset: Dataset, data_url: str) -> None:
    """Raise DataError if not one of the models has what it needs."""
    wants = {model.handle: model.missing_inputs(dataset) for model in models}
    if all(wants.values()):
        listed = "; ".join(f"{handle} needs {', '.join(need)}" for handle, need in wants.items())
        raise DataError(
            f"No model has anything to run on in {data_url}: {listed}. Add rows to user_interests "
            "(user_handle, interest_tag) or user_course_views (user_handle, course_id, level, "
            "view_time_seconds)."
        )


def write_lists(
    models: list[Model],
    dataset: Dataset,
    settings: Settings,
    writer: GenerationWriter,
    reporter: Reporter,
) -> list[ModelCard]:
    """Fit each model in turn, write its lists, and give users it leaves out the popular courses."""
    left_out = np.zeros(len(dataset.users), bool)
    cards = []
    for model in models:
        if missing := model.missing_inputs(dataset):
            cards.append(_card(model, skipped=f"needs {', '.join(missing)}, which the data lacks"))
            reporter.say(f"{model.handle}: skipped, it {cards[-1].skipped}")
            continue
        with reporter.stage(f"fit {model.handle}") as steps:
            model.fit(dataset, run_options(settings, steps))
        with reporter.stage(f"list {model.handle}") as steps:
            has_courses = _write_model(model, dataset, settings, writer, steps)
        if "recommendations" in model.serves:
            left_out |= ~has_courses
        card = _card(model, users=len(model.known_users()))
        card.measures = dict(model.measures)
        card.fit_seconds = reporter.stages[-2].seconds
        cards.append(card)
    popular = PopularCourses(dataset, settings.stored_list_length)
    with reporter.stage("popular courses") as steps:
        users = np.flatnonzero(left_out).astype(np.int32)
        steps(writer.write(SEEN_POPULAR, popular.seen_by(users)), len(users))
    return cards


def describe(
    manifest: Manifest, settings: Settings, dataset: Dataset, cards: list[ModelCard]
) -> None:
    """Fill in what a reader of the generation must know about it."""
    popular = PopularCourses(dataset, settings.stored_list_length)
    manifest.models = cards
    served = [card.model_handle for card in manifest.served_models]
    preferred = settings.default_model_handle
    manifest.default_model_handle = preferred if preferred in served else served[0]
    manifest.users, manifest.courses = len(dataset.users), len(dataset.courses)
    manifest.user_handle_type = _handle_type(dataset.users.is_integer)
    manifest.course_handle_type = _handle_type(dataset.courses.is_integer)
    manifest.popular_courses = popular.courses
    manifest.popular_course_scores = popular.scores
    manifest.config_digest = config_digest(settings)


def run_options(settings: Settings, steps: Callable[[int, int], None]) -> RunOptions:
    return RunOptions(
        seed=settings.seed,
        threads=settings.threads or len(os.sched_getaffinity(0)),
        memory_budget_bytes=settings.memory_budget_mb * BYTES_PER_MB,
        progress=steps,
    )


def table_line(report: TableReport) -> str:
    """A table's counts in one line: what was kept, and why the rest was not."""
    line = f"  {report.table}: {report.rows_kept:,} of {report.rows_read:,} rows kept"
    reasons = [f"{rows:,} {reason}" for reason, rows in report.set_aside.items()]
    return f"{line}; set aside: {'; '.join(reasons)}" if reasons else line


def _write_model(
    model: Model, dataset: Dataset, settings: Settings, writer: GenerationWriter, steps: Steps
) -> NDArray[np.bool_]:
    has_courses = np.zeros(len(dataset.users), bool)
    total = len(model.known_users())
    done = 0
    for users, lists in ranked_lists(model, dataset, settings.stored_list_length):
        done += writer.write(model.handle, lists)
        has_courses[users] = [bool(one.courses) for one in lists]
        steps(done, total)
    return has_courses


def _card(model: Model, users: int = 0, skipped: str | None = None) -> ModelCard:
    return ModelCard(
        model.handle,
        model.title,
        list(model.serves),
        list(model.needs),
        users=users,
        config=model.options,
        skipped=skipped,
    )


def _handle_type(is_integer: bool) -> Literal["int", "str"]:
    return "int" if is_integer else "str"
