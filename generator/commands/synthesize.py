"""`run_generator.py synthesize`: make believable tables of any size."""

from pathlib import Path

import click

from generator.commands.wiring import Wiring


@click.command()
@click.option("--users", type=click.IntRange(1), help="Users. [2000; with --like its own]")
@click.option("--courses", type=click.IntRange(1), help="Courses. [600; with --like its own]")
@click.option("--views", type=click.IntRange(0), help="Rows of user_course_views.")
@click.option("--seed", type=int, default=7, show_default=True, help="Same seed, same bytes.")
@click.option("--like", type=click.Choice(["pluralsight"]), help="Reproduce a known shape.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the four tables; files of the same name there are replaced.",
)
@click.pass_obj
def synthesize(wiring: Wiring, folder: Path, **shape: object) -> None:
    """Write four synthetic tables: power-law courses, users with a few tastes, long tails."""
    from generator.load import synthetic

    with wiring.reporter.stage("synthesize"):
        written = synthetic.synthesize(folder, **shape)
    for name, rows in written.items():
        wiring.reporter.say(f"  {name}: {rows:,} rows")
