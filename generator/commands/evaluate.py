"""`run_generator.py evaluate`: how good are the lists, and which model is better?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.markup import escape
from rich.table import Table

from generator.commands.wiring import Wiring
from shared.settings import PROJECT

if TYPE_CHECKING:
    from generator.evaluation.choose import Choice
    from generator.evaluation.evaluate import Results
    from generator.evaluation.protocols import Cut
    from generator.evaluation.report.repeat import Origin
    from generator.evaluation.tune import Tuning
    from generator.models.base import Model
    from shared.settings import GeneratorSettings

QUICK_SECONDS = 60.0
PROTOCOLS = ["auto", "time", "leave-last-out", "new-courses", "given"]


@click.command()
@click.option("--data", "data_url", metavar="URL", help="Folder or URL of the tables. [DATA_URL]")
@click.option(
    "--columns", "data_columns", metavar="PAIRS", help="What its columns are. [DATA_COLUMNS]"
)
@click.option(
    "--platform", "data_platform", metavar="NAME", help="Whose export it is. [DATA_PLATFORM]"
)
@click.option("--models", metavar="NAMES", help="standard, all, or handles by commas. [MODELS]")
@click.option("--seed", type=int, help="Seed of everything random. [SEED]")
@click.option(
    "--protocol", type=click.Choice(PROTOCOLS), help="What to hold out. [EVALUATION_PROTOCOL]"
)
@click.option(
    "--test", "test_url", metavar="URL", help="given: folder or file of the views to ask about."
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="time: share of the new views to hold out, the latest [0.2]; new-courses: of the courses, "
    "by lot [0.1].",
)
@click.option(
    "--order",
    type=click.Choice(["file", "random"]),
    default="file",
    show_default=True,
    help="leave-last-out without dates: what comes last.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=PROJECT / "data/evaluation",
    show_default="data/evaluation",
    help="Folder for report.html and report.md.",
)
@click.option(
    "--curves",
    type=click.Choice(["none", "quick", "all"]),
    default="quick",
    show_default=True,
    help="Learning curves, which fit a model twice more; quick: if its fit took under a minute.",
)
@click.option(
    "--tune", is_flag=True, help="First search the models' options on a part of the training part."
)
@click.option(
    "--trials",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="tune: options tried for each model.",
)
@click.option(
    "--choose",
    is_flag=True,
    help="First try --models [all] on a part of the training part, and propose MODELS.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="choose: what fitting them all may take.",
)
@click.pass_obj
def evaluate(wiring: Wiring, /, output: Path, **options: Any) -> None:
    """Measure the models beside baselines on views held out, and write a report.

    Nothing is published, and the store is not touched.
    """
    asked = Asked(**{name: options.pop(name) for name in Asked.__annotations__})
    if (asked.protocol == "given") != (asked.test_url is not None):
        raise click.UsageError("--protocol given and --test URL go together.")
    if asked.choose and asked.tune:
        raise click.UsageError("Choose first, then --tune what was chosen.")
    wiring.read_settings(**options)
    from generator.evaluation.report.write import write_report

    results, digests = _results(wiring, asked)
    page, _ = write_report(results, _origin(wiring.settings, asked, digests), output)
    wiring.reporter.console.print(_accuracy(results))
    if chosen := {one.handle: one.chosen for one in results.tunings if one.found_better}:
        wiring.reporter.say(f"MODEL_OPTIONS={orjson.dumps(chosen).decode()}")
    if choice := results.choice:
        wiring.reporter.say(f"MODELS={','.join(choice.reasons)}")
        wiring.reporter.say(f"MODEL_OPTIONS={orjson.dumps(choice.options).decode()}")
    wiring.reporter.say(f"The report is {page}; the same as text is beside it.")


@dataclass(frozen=True)
class Asked:
    """The options that are of this command alone."""

    protocol: str | None
    test_url: str | None
    share: float | None
    order: Any
    curves: str
    tune: bool
    trials: int
    choose: bool
    minutes: float


def _results(wiring: Wiring, asked: Asked) -> tuple["Results", dict[str, str]]:
    """And which data -> SHA-256 of the files that it was read from."""
    from generator.evaluation.baselines import comparators
    from generator.evaluation.evaluate import evaluate, learning_curves
    from generator.process.processors import too_many_threads

    settings, reporter = wiring.settings, wiring.reporter
    if warning := too_many_threads(settings.threads):
        reporter.say(warning)
    cut, digests = _cut(wiring, asked)
    models, tunings, choice = _models(wiring, asked, cut)
    baselines = comparators([model.handle for model in models])
    results = evaluate(cut, models, baselines, settings, reporter)
    results.tunings, results.choice = tunings, choice
    limits = {"none": 0.0, "quick": QUICK_SECONDS, "all": float("inf")}
    quick = results.fitted_within(limits[asked.curves])
    again = [model for model in (*models, *baselines) if model.handle in quick]
    results.curves = learning_curves(cut, results, again, settings, reporter)
    return results, digests


def _cut(wiring: Wiring, asked: Asked) -> tuple["Cut", dict[str, str]]:
    from generator.evaluation.protocols import cut_by, given_tables
    from generator.intake import read_tables, read_test_views

    settings = wiring.settings
    validated = read_tables(settings, wiring.reporter)
    digests = {"the data": validated.data_digest}
    if asked.test_url is None:
        protocol = asked.protocol or settings.evaluation_protocol
        how = asked.share, settings.seed, asked.order
        return cut_by(protocol, validated.tables, *how), digests
    test, digests["the test part"] = read_test_views(
        asked.test_url, validated, settings.data_columns
    )
    return given_tables(validated.tables, test), digests


def _models(
    wiring: Wiring, asked: Asked, cut: "Cut"
) -> tuple[list["Model"], list["Tuning"], "Choice | None"]:
    """What is measured, and how its options or it itself were found."""
    from generator.evaluation.choose import choose
    from generator.evaluation.protocols import few_users
    from generator.evaluation.tune import tune
    from generator.evaluation.validation_part import validation_of
    from generator.models.registry import make_models

    settings, reporter = wiring.settings, wiring.reporter
    protocol = asked.protocol or settings.evaluation_protocol
    how = asked.share, settings.seed, asked.order
    if asked.choose:
        models = make_models(settings.models or ["all"], settings.model_options)
        some = replace(cut, train=dict(few_users(cut.train, settings.rehearsal_views)))
        validation = validation_of(some, protocol, *how)
        choice = choose(validation, models, asked.minutes, settings, reporter)
        options = {**settings.model_options, **choice.options}
        return make_models(list(choice.reasons), options), [], choice
    models = make_models(settings.models, settings.model_options)
    if not asked.tune:
        return models, [], None
    validation = validation_of(cut, protocol, *how)
    tunings = tune(models, validation, asked.trials, settings, reporter)
    found = {one.handle: one.chosen for one in tunings}
    tuned = [type(one)(**{**one.options, **found.get(one.handle, {})}) for one in models]
    return tuned, tunings, None


def _origin(settings: "GeneratorSettings", asked: Asked, digests: Mapping[str, str]) -> "Origin":
    from generator.evaluation.report.repeat import Origin, command_of
    from generator.load.sources.folders import label_of

    label, columns = label_of(settings.data_url), settings.data_columns
    flags = {
        "data": label,
        "columns": ",".join(f"{name}={column}" for name, column in columns.items()),
        "models": ",".join(settings.models),
        "seed": settings.seed,
        "protocol": asked.protocol or settings.evaluation_protocol,
        "test": label_of(asked.test_url) if asked.test_url else None,
        "share": asked.share,
        "order": asked.order,
        "curves": asked.curves,
        "tune": asked.tune,
        "trials": asked.trials if asked.tune else None,
        "choose": asked.choose,
        "minutes": asked.minutes if asked.choose else None,
    }
    return Origin(label, command_of(flags, settings), digests)


def _accuracy(results: "Results") -> Table:
    from generator.evaluation.report.tables import accuracy_table

    text = accuracy_table(results, 10)
    table = Table(*text.columns, title=text.title)
    for row in text.rows:
        table.add_row(*map(escape, row))
    return table
