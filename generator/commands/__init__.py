"""The generator's command line: one file a command, each a few calls into the house."""

import sys
from typing import Any

import click

from generator.commands.check import check
from generator.commands.discard import discard
from generator.commands.dry_run import dry_run
from generator.commands.duplicates import duplicates
from generator.commands.evaluate import evaluate
from generator.commands.events import events
from generator.commands.generate import generate
from generator.commands.generations import generations, prune, publish, rollback
from generator.commands.inspect import inspect
from generator.commands.models import models
from generator.commands.pin import pin, unpin
from generator.commands.places import takes_places
from generator.commands.refresh import refresh
from generator.commands.synthesize import synthesize
from generator.commands.unlock import unlock
from generator.commands.validate import validate
from generator.commands.wiring import Wiring
from shared import __version__
from shared.errors import KindredError
from shared.settings import misspelt


@click.group(invoke_without_command=True)
@click.option("--data", "data_url", metavar="URL", help="Folder or URL of the tables. [DATA_URL]")
@click.option(
    "--columns",
    "data_columns",
    metavar="PAIRS",
    help="What its columns are: user=user_id,item=item_id,weight=rating. [DATA_COLUMNS]",
)
@click.option(
    "--platform", "data_platform", metavar="NAME", help="Whose export it is. [DATA_PLATFORM]"
)
@click.option("--store", "store_url", metavar="URL", help="Where the lists go. [STORE_URL]")
@click.option("--tenant", metavar="NAME", help="Whose lists these are. [TENANT]")
@click.option(
    "--models", metavar="NAMES", help="standard, all, or handles separated by commas. [MODELS]"
)
@click.option("--seed", type=int, help="Seed of everything random. [SEED]")
@click.option("--if-changed", is_flag=True, help="Do nothing if this is live, or held, already.")
@click.option(
    "--evaluate",
    is_flag=True,
    default=None,
    help="Measure the models on views held out, for the manifest and the gate. [EVALUATE]",
)
@click.option(
    "--quiet",
    is_flag=True,
    default=None,
    help="Say what a run came to, in one line with its time, warnings and errors; nothing else.",
)
@click.option("--force", is_flag=True, help="Publish whatever the gate says.")
@click.option(
    "--via", metavar="S3_URL", help="Have DynamoDB import the lists from s3://BUCKET/PREFIX."
)
@click.option(
    "--dry-run", "is_dry_run", is_flag=True, help="Only say what it would take on DynamoDB."
)
@click.version_option(__version__, prog_name="Kindred")
@click.pass_context
def cli(
    context: click.Context,
    /,
    if_changed: bool,
    force: bool,
    is_dry_run: bool,
    **overrides: Any,
) -> None:
    """Train the models and publish every user's lists. Without a command: do just that.

    Settings come from the environment and .env (example.env explains each); options win. --data,
    --store and --tenant may stand before or behind a command.

    Exit codes: 0 done, 1 unexpected, 2 wrong settings or options, 3 unusable data, 4 a model
    failed (the others may be live: the error says so), 5 the store failed, 6 another generator
    holds the lock, 7 the gate held the generation.
    """
    wiring: Wiring = context.obj
    wiring.read_settings(**overrides)
    for sentence in misspelt():
        wiring.reporter.warn(sentence)
    if context.invoked_subcommand is not None:
        return
    if is_dry_run:
        dry_run(wiring)
    else:
        generate(wiring, if_changed, force)


for command in (
    inspect,
    validate,
    evaluate,
    duplicates,
    synthesize,
    models,
    generations,
    publish,
    rollback,
    prune,
    pin,
    unpin,
    discard,
    unlock,
    check,
    events,
    refresh,
):
    cli.add_command(takes_places(command))


def main(wiring: Wiring) -> None:
    """Run the command line; an error of ours is one sentence and an exit code of its own."""
    try:
        cli(obj=wiring)
    except KindredError as error:
        wiring.reporter.fail(str(error))
        sys.exit(error.exit_code)
