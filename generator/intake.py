"""Tables in: loaded, validated, said, and made into matrices."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from generator.checks.set_aside import check_something_is_left
from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.load.files import load
from generator.load.pictures.fetching import fetch
from generator.load.pictures.picture_folder import picture_folder
from generator.load.sources.folders import label_of
from generator.models.registry import handles_of, model_class
from generator.process.memory import give_back
from generator.process.processors import available_threads
from generator.process.progress import Reporter
from generator.run_digest import digest_with_events
from generator.validation.columns import VIEWS
from generator.validation.events import with_events
from generator.validation.set_aside import PICTURES, folder_of, write_set_aside
from generator.validation.validation import Validated, validate_tables
from shared.errors import DataError
from shared.events import EventLog
from shared.records import HandleType, Manifest, TableReport
from shared.settings import GeneratorSettings


def read_data(settings: GeneratorSettings, reporter: Reporter) -> tuple[Dataset, list[TableReport]]:
    """Load and validate the tables, say what was set aside, and build the matrices."""
    validated = read_tables(settings, reporter)
    return to_matrices(validated, settings, reporter), validated.reports


def read_tables(
    settings: GeneratorSettings,
    reporter: Reporter,
    live: Manifest | None = None,
    log: EventLog | None = None,
) -> Validated:
    """Load and validate the tables, and say what was set aside.

    Where the settings leave the type of handles open, it is that of the `live` generation. What
    `log` has of the tenant is read together with the tables.
    """
    with reporter.stage("load") as steps:
        loaded = load(
            settings.data_url,
            settings.data_columns,
            settings.data_platform,
            settings.view_gap_minutes * 60,
        )
        raw = loaded.tables
        steps.rows = rows = sum(len(table.frame) for table in raw.values())
    with reporter.stage("validate") as steps:
        steps.rows = rows
        validated = validate_tables(
            raw, settings.user_handle_type, settings.course_handle_type, _types_of(live)
        )
        folder = folder_of(settings.set_aside_folder, settings.tenant)
        write_set_aside(folder, validated.set_aside)
        if log is not None:
            # Asked before they are read: what comes meanwhile may be in both, and counts once.
            cursor = log.last_cursor(settings.tenant)
            validated = with_events(validated, log.read_all(settings.tenant))
            validated = replace(validated, events_cursor=cursor)
    for remark in dict.fromkeys(remark for table in raw.values() for remark in table.remarks):
        reporter.say(f"  {remark}")
    for report in validated.reports:
        reporter.say(table_line(report))
    check_something_is_left(validated.reports)
    if wants_pictures(settings):
        bring_pictures(validated, settings, reporter)
    return replace(validated, data_digest=digest_with_events(loaded.digest, log, settings.tenant))


def wants_pictures(settings: GeneratorSettings) -> bool:
    """Whether a model of this run looks at pictures: they are many files, perhaps from far."""
    return any("images" in model_class(handle).needs for handle in handles_of(settings.models))


def bring_pictures(validated: Validated, settings: GeneratorSettings, reporter: Reporter) -> None:
    """Make thumbnails of the pictures that `courses` names, and account for those that are none."""
    table = validated.tables.get("courses")
    if table is None or "image_path" not in table:
        return
    threads = settings.threads or available_threads()
    with (
        reporter.stage("pictures") as steps,
        picture_folder(settings.pictures_url, settings.data_url) as pictures,
    ):
        named = table["image_path"].dropna().unique()
        fetched = fetch(named, pictures, settings.thumbnails_folder, threads, steps)
    report = fetched.report(table["image_path"], pictures.label)
    validated.reports.append(report)
    reporter.say(table_line(report))
    folder = folder_of(settings.set_aside_folder, settings.tenant)
    write_set_aside(folder, {PICTURES: fetched.set_aside(table)}, [PICTURES])


def _types_of(live: Manifest | None) -> dict[str, HandleType]:
    if live is None:
        return {}
    return {"user_handle": live.user_handle_type, "course_handle": live.course_handle_type}


def to_matrices(validated: Validated, settings: GeneratorSettings, reporter: Reporter) -> Dataset:
    """The matrices of the tables, which are emptied: memory is for one of the two."""
    with reporter.stage("matrices") as steps:
        steps.rows = sum(len(table) for table in validated.tables.values())
        dataset = build_dataset(
            validated.tables, validated.view_times_are_measured, settings.rating_scale
        )
    validated.tables.clear()
    validated.set_aside.clear()
    if line := scale_line(dataset, settings.rating_scale is None):
        reporter.say(line)
    if circular := dataset.circular_prerequisites:
        reporter.say(f"  course_prerequisites: {circular:,} go in circles, and are not heeded")
    give_back()
    return dataset


def read_test_views(
    url: str, train: Validated, columns: Mapping[str, str]
) -> tuple[pd.DataFrame, str]:
    """The views of a test part that was given as tables of its own, with the handles of `train`;
    and the digest of its files.

    Raises DataError if there are none.
    """
    loaded = load(url, columns)
    validated = validate_tables(loaded.tables, train.user_handle_type, train.course_handle_type)
    if VIEWS not in validated.tables:
        raise DataError(f"{label_of(url)} has no {VIEWS}: a test part is a folder with that table.")
    return validated.tables[VIEWS], loaded.digest


def scale_line(dataset: Dataset, is_guessed: bool) -> str:
    """From what to what courses are rated, where it was not declared or does not hold."""
    scale, ratings = dataset.rating_scale, dataset.ratings.data
    beyond = scale.beyond(ratings)
    if not len(ratings) or not (is_guessed or beyond):
        return ""
    line = f"  course_reviews: rated from {scale}"
    line += ", by the ratings themselves (RATING_SCALE declares it)" if is_guessed else ""
    return line + (f"; {beyond:,} ratings are beyond, and count as its ends" if beyond else "")


def table_line(report: TableReport) -> str:
    """A table's counts in one line: what was kept, and why the rest was not."""
    line = f"  {report.table}: {report.rows_kept:,} of {report.rows_read:,} rows kept"
    aside = [f"{rows:,} {report.with_sample(reason)}" for reason, rows in report.set_aside.items()]
    left_out = [f"{rows:,} {reason}" for reason, rows in report.left_out.items()]
    for what, reasons in (("set aside", aside), ("left out", left_out)):
        line += f"; {what}: {'; '.join(reasons)}" if reasons else ""
    return line
