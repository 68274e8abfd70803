"""Plots as SVG text, to stand in the page itself."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import NullFormatter

from generator.evaluation.assess import Assessment
from generator.evaluation.evaluate import MAIN_METRIC, Results
from generator.evaluation.report.labels import label_dots
from generator.evaluation.report.profile import Profile

STYLE: dict[Any, object] = {
    # Text stays text: small, searchable, and in the page's own font.
    "svg.fonttype": "none",
    "svg.hashsalt": "kindred",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10.0,
    # A name from the data may hold a dollar sign, which would be read as a formula.
    "text.parse_math": False,
}
MODEL_COLOUR, BASELINE_COLOUR, LOSER_COLOUR = "#1f6f8b", "#8a8f98", "#b3402a"
RANKING_CAPTION = "NDCG@10 with its 95 % interval; grey are baselines, red loses to popular"
SCATTER_CAPTION = (
    "Accuracy against how much of the catalogue is shown; grey are baselines, red loses to popular"
)
INCHES_PER_BAR = 0.34


def plots_of(results: Results, profile: Profile) -> list[tuple[str, str]]:
    """(caption, SVG) in the order of the report; those without anything to show are left out."""
    listing = results.measured
    found = []
    if listing:
        height = 1 + INCHES_PER_BAR * len(listing)
        found.append((RANKING_CAPTION, _svg(_ranking, 7.5, height, results)))
        found.append((SCATTER_CAPTION, _scatter(results)))
    if results.curves:
        found.append(("NDCG@10 by the share of users learned from", _svg(_curves, 7, 3.6, results)))
    if len(profile.courses_per_user):
        found.append(("Courses per user and users per course", _svg(_spreads, 8, 3.2, profile)))
    return found


def _ranking(drawing: Drawing, results: Results) -> None:
    axes, listing = drawing.add_subplot(), results.measured[::-1]
    for place, one in enumerate(listing):
        found = one.figures[MAIN_METRIC]
        axes.barh(place, found.value, color=_colour(results, one), height=0.62)
        below, above = found.value - found.low, found.high - found.value
        error = [[max(below, 0)], [max(above, 0)]]
        axes.errorbar(found.value, place, xerr=error, color="#444", capsize=3, linewidth=1)
    axes.set_yticks(range(len(listing)), [one.handle for one in listing])
    axes.set_xlabel("NDCG@10")
    axes.set_xlim(left=0)


def _scatter(results: Results) -> str:
    return _svg(_accuracy_and_coverage, 8, 4.5, results)


def _accuracy_and_coverage(drawing: Drawing, results: Results) -> None:
    axes = drawing.add_subplot()
    places = [
        (one.value("course_coverage_at_10"), one.value(MAIN_METRIC)) for one in results.measured
    ]
    colours = [_colour(results, one) for one in results.measured]
    across, up = zip(*places, strict=True)
    axes.scatter(across, up, color=colours, s=30, zorder=3)
    axes.margins(0.12, 0.15)
    axes.set_xlabel("share of the catalogue in anybody's first 10")
    axes.set_ylabel("NDCG@10")
    label_dots(axes, places, [one.handle for one in results.measured], colours)


def _colour(results: Results, one: Assessment) -> str:
    if one.counts_as_baseline:
        return BASELINE_COLOUR
    return LOSER_COLOUR if results.loses_to_popular(one) else MODEL_COLOUR


def _curves(drawing: Drawing, results: Results) -> None:
    axes = drawing.add_subplot()
    for handle, curve in results.curves.items():
        axes.plot(list(curve), list(curve.values()), marker="o", markersize=4, label=handle)
    axes.set_xlabel("share of the users learned from")
    axes.set_ylabel("NDCG@10")
    axes.set_ylim(bottom=0)
    drawing.legend(*axes.get_legend_handles_labels(), loc="outside right upper", frameon=False)


def _spreads(drawing: Drawing, profile: Profile) -> None:
    left, right = drawing.subplots(1, 2)
    _loglog(left, profile.courses_per_user[::-1], "users, most active first", "courses")
    _loglog(right, profile.users_per_course, "courses, most viewed first", "users")


def _loglog(axes: Axes, counts: object, x: str, y: str) -> None:
    axes.loglog(range(1, 1 + len(counts)), counts, color=MODEL_COLOUR)  # type: ignore[arg-type]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,.0f}")
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _svg(draw: Callable[..., None], width: float, height: float, shown: object) -> str:
    with mpl.rc_context(STYLE):
        drawing = Drawing(figsize=(width, height), layout="constrained")
        drawing.patch.set_alpha(0)
        draw(drawing, shown)
        for axes in drawing.axes:
            axes.patch.set_alpha(0)
        text = io.StringIO()
        FigureCanvasSVG(drawing).print_svg(text, metadata={"Date": None})  # type: ignore[no-untyped-call]
    return text.getvalue()[text.getvalue().index("<svg") :]
