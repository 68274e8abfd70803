"""`run_generator.py events`: hand out, bound and erase what learners did since the tables."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from generator.commands.wiring import Wiring
from shared.errors import SettingsError
from shared.events import EventLog
from shared.events.log import EVENTS_PER_PAGE, START
from shared.records import Handle


@click.group()
def events() -> None:
    """Hand out, bound and erase what came in by POST /interactions."""


@events.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the tables.",
)
@click.pass_obj
def export(wiring: Wiring, output: Path) -> None:
    """Write all events as tables, as the generator reads them."""
    from generator.validation.events import tables_of_events

    tables = tables_of_events(wiring.event_log.read_all(wiring.settings.tenant))
    output.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(output / f"{name}.csv", index=False)
        wiring.reporter.say(f"{output / name}.csv: {len(table):,} rows")
    if not tables:
        wiring.reporter.say("There are no events.")


@events.command()
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day from which on events are kept.",
)
@click.pass_obj
def compact(wiring: Wiring, before: datetime) -> None:
    """Drop the events that your tables have by now: those up to the first of a day.

    The next run learns from the tables and from what is kept; what is in neither is forgotten.
    """
    log, tenant = wiring.event_log, wiring.settings.tenant
    day = before.replace(tzinfo=UTC).strftime("%Y-%m-%d")
    dropped = log.drop_through(tenant, _cursor_before(log, tenant, day))
    wiring.reporter.say(f"{dropped:,} events dropped, {log.size(tenant):,} kept.")


@events.command()
@click.option("--user", required=True, help="The handle; a number where yours are numbers.")
@click.pass_obj
def forget(wiring: Wiring, user: str) -> None:
    """Erase a person's events."""
    log, store, tenant = wiring.event_log, wiring.store, wiring.settings.tenant
    live = store.live(tenant)
    handle = _handle(user, live.user_handle_type if live else "str")
    erased = log.forget(tenant, handle)
    lists = wiring.fresh.forget(tenant, handle) if wiring.fresh else 0
    wiring.reporter.say(
        f"{erased:,} events of user {user} of tenant {tenant} are erased, and {lists:,} fresh "
        "lists of theirs or with them in it."
    )
    if generations := [manifest.generation for manifest in store.generations(tenant)]:
        wiring.reporter.say(
            f"Lists made before now stay as they are in {', '.join(generations)}; they are gone "
            "from the next generation on if the tables do not have the user either. `discard` and "
            "`prune` remove generations."
        )


def _cursor_before(log: EventLog, tenant: str, day: str) -> int:
    """That of the last event before the first one of this day or later."""
    cursor, limit = START, EVENTS_PER_PAGE
    while limit:
        page = log.read_since(tenant, cursor, limit)
        if page.events and all(event.at < day for event in page.events):
            cursor = page.cursor
        else:
            # Somewhere in this page: halves of it say where.
            limit = min(limit, len(page.events)) // 2
    return cursor


def _handle(text: str, handle_type: str) -> Handle:
    if handle_type != "int":
        return text
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise SettingsError(f"Users of this tenant are numbers, and {text!r} is none.")
    return int(text)
