"""The generator's command line: one function a command, each a few calls into the house."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from generator.progress import Reporter
from generator.run_digest import config_digest
from shared.errors import KindredError
from shared.settings import Settings
from shared.stores import Store


@dataclass
class Wiring:
    """What the commands work with; filled in by run_generator.py."""

    load_settings: Callable[..., Settings]
    open_store: Callable[[str], Store]
    settings: Settings | None = None


def main(wiring: Wiring) -> None:
    """Run the command line; an error of ours is one sentence and an exit code of its own."""
    try:
        cli(obj=wiring, standalone_mode=True)
    except KindredError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"error: {error}", markup=False)
        sys.exit(error.exit_code)


@click.group(invoke_without_command=True)
@click.option("--data", "data_url", help="Folder or URL of the tables. [DATA_URL]")
@click.option("--store", "store_url", help="Where the lists go. [STORE_URL]")
@click.option("--tenant", help="Whose lists these are. [TENANT]")
@click.option("--models", help="Model handles to run, separated by commas. [MODELS]")
@click.option("--seed", help="Seed of everything random. [SEED]")
@click.option(
    "--if-changed", is_flag=True, help="Do nothing if data and settings are those of what is live."
)
@click.pass_context
def cli(context: click.Context, if_changed: bool, **overrides: Any) -> None:
    """Train the models and publish every user's lists. Without a command: do just that.

    Settings come from the environment and .env (example.env explains each); options win.

    Exit codes: 0 done, 1 unexpected, 2 wrong settings or options, 3 unusable data, 4 a model
    failed, 5 the store failed, 6 another generator holds the lock.
    """
    wiring: Wiring = context.obj
    wiring.settings = wiring.load_settings(**overrides)
    if context.invoked_subcommand is None:
        run(wiring, if_changed)


def run(wiring: Wiring, if_changed: bool) -> None:
    """Generate, unless nothing changed and that was asked."""
    settings, store, reporter = wiring.settings, wiring.open_store(wiring.settings.store_url), Reporter()
    if if_changed and (live := unchanged(settings, store)):
        reporter.say(
            f"Nothing changed since generation {live}, which stays live. "
            "Without --if-changed the run is done all the same."
        )
        return
    # Here and not above: pandas and scikit-learn take seconds to import.
    from generator.pipeline import generate

    manifest = generate(settings, store, reporter)
    reporter.console.print(models_table(manifest))
    reporter.say(
        f"Generation {manifest.generation} of tenant {manifest.tenant} is live: "
        f"{manifest.users:,} users, {manifest.courses:,} courses."
    )


def unchanged(settings: Settings, store: Store) -> str | None:
    """The live generation if it was made from the same data and settings, else None."""
    from generator.load.digest import digest_of_tables

    live = store.live(settings.tenant)
    if live is None or live.config_digest != config_digest(settings):
        return None
    return live.generation if live.data_digest == digest_of_tables(settings.data_url) else None
