"""`run_generator.py duplicates`: which courses are the same, before anything is merged."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Column, Table

from generator.commands.wiring import Wiring
from shared.settings import PROJECT

if TYPE_CHECKING:
    from generator.duplicates.report import Line

GROUPS_SHOWN = 20
LINES_SHOWN = 6
"""Of one group."""
TITLE_SHOWN = 70
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--data", "data_url", metavar="URL", help="Folder or URL of the tables. [DATA_URL]")
@click.option(
    "--output",
    type=FILE,
    default=PROJECT / "data/duplicates/duplicates.csv",
    show_default="data/duplicates/duplicates.csv",
    help="File for every course of a group, with its similarity and why.",
)
@click.option(
    "--labels",
    type=FILE,
    help="Learn from pairs: a CSV file with course_a, course_b and is_duplicate (1 or 0).",
)
@click.option(
    "--matcher",
    "matcher_file",
    type=FILE,
    default=PROJECT / "data/duplicates/matcher.json",
    show_default="data/duplicates/matcher.json",
    help="Where what is learned from --labels is kept, for DUPLICATES_MATCHER.",
)
@click.option(
    "--tenants",
    metavar="NAMES",
    help="Look for courses that several tenants have: a=URL,b=URL, or a,b where DATA_URL holds "
    "{tenant}. A report for whoever runs them all; it is never served.",
)
@click.pass_obj
def duplicates(
    wiring: Wiring,
    /,
    data_url: str | None,
    output: Path,
    labels: Path | None,
    matcher_file: Path,
    tenants: str | None,
) -> None:
    """Look for courses that are the same: versions, copies, other titles of one content.

    Nothing is published, and the store is not touched.
    """
    wiring.read_settings(data_url=data_url)
    if labels and tenants:
        raise click.UsageError("--labels and --tenants do not go together: learn first.")
    from generator.duplicates.report import write_csv

    lines = _across(wiring, tenants) if tenants else _within(wiring, labels, matcher_file)
    write_csv(lines, output)
    reporter, groups = wiring.reporter, len({line.group for line in lines})
    if lines:
        reporter.console.print(_table(lines, bool(tenants)))
    merged = "" if tenants else f", {len(lines) - groups:,} of which are not listed"
    reporter.say(f"{groups:,} groups of {len(lines):,} courses{merged}: {output}")


def _within(wiring: Wiring, labels: Path | None, matcher_file: Path) -> "list[Line]":
    from generator.duplicates.find import duplicates_of
    from generator.duplicates.report import lines_of
    from generator.duplicates.stage import matcher_of
    from generator.intake import read_data

    settings, reporter = wiring.settings, wiring.reporter
    matcher = matcher_of(settings)
    dataset, _ = read_data(settings, reporter)
    if labels:
        from generator.duplicates.labels import learned_from

        matcher, said = learned_from(labels, dataset, settings.seed)
        matcher.write(matcher_file)
        reporter.say(f"{said} To use it in every run: DUPLICATES_MATCHER={matcher_file}")
    with reporter.stage("duplicates") as steps:
        groups = duplicates_of(dataset, settings.duplicates_keep, matcher, _threads(wiring), steps)
        steps.rows = len(dataset.texts)
    return lines_of(groups, dataset.courses.handles(), dataset.texts.titles)


def _across(wiring: Wiring, tenants: str) -> "list[Line]":
    from generator.duplicates.across import TenantCourses, shared_courses
    from generator.duplicates.records import records_of
    from generator.duplicates.report import lines_of
    from generator.duplicates.stage import matcher_of
    from generator.intake import read_data

    settings, courses = wiring.settings, {}
    for name, url in _urls(tenants, settings.data_url).items():
        of_tenant = settings.model_copy(update={"tenant": name, "data_url": url})
        dataset, _ = read_data(of_tenant, wiring.reporter)
        courses[name] = TenantCourses(dataset.courses.handles(), records_of(dataset))
    with wiring.reporter.stage("duplicates") as steps:
        shared = shared_courses(courses, matcher_of(settings), _threads(wiring))
        steps.rows = len(shared.handles)
    return lines_of(shared.groups, shared.handles, shared.titles, shared.tenants)


def _urls(tenants: str, data_url: str) -> dict[str, str]:
    """Where the tables of each tenant are."""
    from shared.errors import SettingsError

    urls = {}
    for part in filter(None, map(str.strip, tenants.split(","))):
        name, given, url = part.partition("=")
        if not given and "{tenant}" not in data_url:
            raise SettingsError(
                f"Where are the tables of {name}? Write --tenants {name}=URL,..., or put "
                "{tenant} where its name stands in DATA_URL."
            )
        urls[name] = url if given else data_url.replace("{tenant}", name)
    if len(urls) < 2:
        raise SettingsError(f"--tenants needs two or more. Received: {tenants}")
    return urls


def _threads(wiring: Wiring) -> int:
    from generator.process.processors import available_threads

    return wiring.settings.threads or available_threads()


def _short(title: str) -> str:
    from generator.text.cleaning import cleaned

    text = cleaned(title)
    return text if len(text) <= TITLE_SHOWN else f"{text[: TITLE_SHOWN - 1]}…"


def _table(lines: "Sequence[Line]", with_tenants: bool) -> Table:
    """The first groups, and the first courses of each."""
    tenant = ["tenant"] if with_tenants else []
    table = Table("group", *tenant, "course", "title", Column("alike", justify="right"), "why")
    shown: dict[int, int] = {}
    for line in lines:
        shown[line.group] = shown.get(line.group, 0) + 1
        if line.group > GROUPS_SHOWN or shown[line.group] > LINES_SHOWN:
            continue
        is_first = shown[line.group] == 1
        if is_first and line.group > 1:
            table.add_section()
        table.add_row(
            str(line.group) if is_first else "",
            *([line.tenant] if with_tenants else []),
            escape(str(line.course)),
            escape(_short(line.title)),
            "" if is_first else f"{line.similarity:.2f}",
            "stands for the group" if is_first else line.why,
        )
    if len(shown) > GROUPS_SHOWN:
        table.caption = f"and {len(shown) - GROUPS_SHOWN:,} groups more in the file"
    return table
