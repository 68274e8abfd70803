"""`run_generator.py inspect FILE`: what the file seems to be, and how to load it."""

from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from generator.commands.wiring import Wiring

if TYPE_CHECKING:
    import pandas as pd

    from generator.inspection.inspection import FirstLook

MOST_CHARACTERS = 30
MOST_COLUMNS = 12


@click.command()
@click.argument("url", metavar="[FILE]", required=False)
@click.pass_obj
def inspect(wiring: Wiring, url: str | None) -> None:
    """Look at the first rows of FILE, or of DATA_URL: what they seem to be, which --columns or
    --platform to declare, and which models would run. Nothing is written."""
    from generator.inspection.inspection import inspect as look_at

    settings, reporter = wiring.settings, wiring.reporter
    asked = url or settings.data_url
    look = look_at(asked, settings.data_columns, settings.data_platform)
    for sentence in look.said:
        reporter.say(sentence)
    if len(look.shown):
        reporter.console.print(_table(look.shown))
    if look.problem:
        reporter.say(f"It cannot be loaded like this. {look.problem}")
    else:
        reporter.say(f"To load it: {look.command(asked)}")
    _say_tables_and_models(wiring, look)


def _say_tables_and_models(wiring: Wiring, look: "FirstLook") -> None:
    from generator.dataset.build import build_dataset
    from generator.intake import table_line
    from generator.plan import models_of, plan_run
    from generator.validation.validation import validate_tables
    from shared.errors import KindredError

    if not look.tables:
        return
    settings, reporter = wiring.settings, wiring.reporter
    try:
        validated = validate_tables(
            look.tables, settings.user_handle_type, settings.course_handle_type
        )
        reporter.say("Of the first rows alone:")
        for report in validated.reports:
            reporter.say(table_line(report))
        chosen = models_of(settings)
        skipped = plan_run(chosen, build_dataset(validated.tables), settings).skipped
    except KindredError as error:
        reporter.say(f"No model would run: {error}")
        return
    for model in chosen:
        reason = skipped.get(model.handle)
        reporter.say(f"{model.handle}: {f'would be skipped, it {reason}' if reason else 'can run'}")


def _table(rows: "pd.DataFrame") -> Table:
    """The first columns, each value cut to what a line can hold."""
    names = list(rows)[:MOST_COLUMNS]
    table = Table(*(_short(str(name)) for name in names))
    for row in rows[names].astype(str).itertuples(index=False, name=None):
        table.add_row(*map(_short, row))
    if more := len(rows.columns) - len(names):
        table.caption = f"and {more} columns more"
    return table


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= MOST_CHARACTERS else f"{one_line[: MOST_CHARACTERS - 1]}…"
    return escape(cut)
