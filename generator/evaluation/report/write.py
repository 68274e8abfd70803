"""The report of one evaluation: a page that needs nothing but itself, and the same in Markdown."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.evaluation.evaluate import Results
from generator.evaluation.report.conclusion import conclusion
from generator.evaluation.report.plots import plots_of
from generator.evaluation.report.profile import profile_of
from generator.evaluation.report.repeat import Origin
from generator.evaluation.report.tables import LOSES, tables_of
from shared.clock import utc_now
from shared.errors import DataError

TEMPLATES = Path(__file__).parent / "templates"
MARKDOWN_SIGNS = re.compile(r"([\\`*{}\[\]<>#|~&])")


def write_report(results: Results, origin: Origin, folder: Path) -> tuple[Path, Path]:
    """report.html and report.md in `folder`, which is made.

    Raises DataError if the folder cannot be written to.
    """
    profile = profile_of(results.split)
    shown = {
        "made_at": f"{utc_now():%Y-%m-%d %H:%M} UTC",
        "source": origin.label,
        "how": results.how,
        "conclusion": conclusion(results),
        "facts": facts(results),
        "tables": tables_of(results, profile, origin),
        "loses": LOSES,
    }
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    html = pages.get_template("report.html").render(shown, plots=plots_of(results, profile))
    texts = {"report.html": html, "report.md": markdown(shown)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"The report cannot be written to {folder}: {error.strerror}. Name another --output."
        ) from error
    return folder / "report.html", folder / "report.md"


def facts(results: Results) -> list[str]:
    """What to know before the tables, one sentence each."""
    asked = f"{len(results.split.users):,} users are asked about"
    if left_out := results.split.without_history:
        asked += f"; {left_out:,} more have something held out but no view to learn from"
    sentences = [f"{results.how[:1].upper()}{results.how[1:]}.", f"{asked}."]
    models = [one for one in results.measured if not one.counts_as_baseline]
    if losing := [one.handle for one in models if results.loses_to_popular(one)]:
        sentences.append(
            f"Worse than listing the most viewed courses: {', '.join(losing)}. Such a model may "
            "still be right for similar users."
        )
    return sentences


def markdown(shown: Mapping[str, Any]) -> str:
    lines = ["# Evaluation", "", f"{escaped(shown['source'])}, {shown['made_at']}", ""]
    if shown["conclusion"]:
        lines += [f"**{escaped(shown['conclusion'])}**", ""]
    lines += [f"- {escaped(sentence)}" for sentence in shown["facts"]]
    for table in shown["tables"]:
        lines += ["", f"## {escaped(table.title)}", "", escaped(table.note), ""]
        lines.append(_row(table.columns))
        lines.append("|---|" + "---:|" * (len(table.columns) - 1))
        lines += [_row(row) for row in table.rows]
    return "\n".join([*lines, ""])


def escaped(text: object) -> str:
    """`text` on one line, in which Markdown and HTML see no signs of their own."""
    return MARKDOWN_SIGNS.sub(r"\\\1", " ".join(str(text).split()))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"
