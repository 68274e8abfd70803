"""`run_generator.py synthesize`: make believable tables of any size."""

from pathlib import Path
from typing import Literal

import click

from generator.commands.wiring import Wiring


@click.command()
@click.option("--users", type=click.IntRange(1), help="How many users; --like brings its own.")
@click.option("--courses", type=click.IntRange(1), help="How many courses; --like brings its own.")
@click.option("--views", type=click.IntRange(0), help="Rows of user_course_views. [10 a user]")
@click.option(
    "--seed", type=click.IntRange(0), default=42, show_default=True, help="Same, same bytes."
)
@click.option("--like", type=click.Choice(["pluralsight"]), help="Reproduce a known shape.")
@click.option(
    "--extreme",
    type=click.Choice(["popular-courses", "same-interests", "heavy-user"]),
    help="Strain it: half of the choices fall on 10 courses; 100 sets of interests in all; one "
    "user with 20,000 views.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Of the files.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the four tables; files of the same name there are replaced.",
)
@click.pass_obj
def synthesize(
    wiring: Wiring,
    /,
    folder: Path,
    users: int | None,
    courses: int | None,
    views: int | None,
    seed: int,
    like: str | None,
    extreme: str | None,
    file_format: Literal["csv", "parquet"],
) -> None:
    """Write four synthetic tables: power-law courses, users with a few tastes, long tails."""
    from generator.synthetic.synthesize import synthesize

    with wiring.reporter.stage("synthesize") as steps:
        written = synthesize(folder, users, courses, seed, views, like, file_format, extreme, steps)
    for name, rows in written.items():
        wiring.reporter.say(f"  {name}: {rows:,} rows")
