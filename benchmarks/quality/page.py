"""docs/models.md: which models there are, what each found where, and what it costs."""

import re
from collections.abc import Iterable

from benchmarks.quality.measured import Measured, Measurements
from generator.models.registry import MODELS, STANDARD, model_class
from shared.kinds import KINDS
from shared.settings import PROJECT

PAGE = PROJECT / "docs/models.md"
FOR_NEWCOMERS = "maml_user_attribute"
INTRODUCTION = """# Which models when

Made by `make bench-quality OPTIONS=--page` from what it measured
(`benchmarks/quality/measured.json`); nothing here is written by hand. What defaults were chosen
on is in [defaults](defaults.md), formulas are in each model's file, and options in
`run_generator.py models`. On data of your own `run_generator.py evaluate --choose` says which to
run.
"""


def page_of(kept: Measurements) -> str:
    """The whole page as Markdown."""
    return "\n".join(
        [
            INTRODUCTION,
            "## What each assumes and needs\n",
            *_assumptions(),
            "\n## What each found\n",
            "NDCG@10 at default options. **Bold**: the best there, and those whose 95 % interval "
            "reaches its value.\n_Below popular_: finds less than listing the most viewed courses "
            "would, and not by chance. `-`: lacks what it needs\nthere, or lists no courses; "
            "empty: not measured. Hybrids learned on one half of the users and were asked about "
            "the other.\n",
            *(f"- {name}: {how}." for name, how in kept.cuts.items()),
            "",
            *_figures(kept),
            "\n## When each wins, and when not to take it\n",
            "First of all single models: on which sets, for whom, and for which held-out courses, "
            "as measured above.\n",
            *_winners(kept),
            "\n## Who has viewed nothing, or a little\n",
            *_newcomers(kept),
            "\n## What each costs\n",
            "Seconds on the reference platform (267,000 users, 395,000 courses, 2.8 million "
            'views; 2 cores, 4 GiB), by\n`make bench-generate OPTIONS="--scale 1 --models ..."`: '
            "those that were measured there.\n",
            *_costs(kept),
            "",
        ]
    )


def assumption_of(handle: str) -> str:
    """The sentence of its docstring that begins with "Assumes", without that word.

    Raises ValueError if there is none.
    """
    text = " ".join((model_class(handle).__doc__ or "").split())
    said = re.search(r"Assumes (that .+?)(?:, and so|, so that|[.;:](?= |$))", text)
    if said is None:
        raise ValueError(f"{handle} does not say what it assumes: a sentence of its docstring.")
    return said[1]


def _assumptions() -> Iterable[str]:
    yield "| model | assumes | needs | lists |"
    yield "|---|---|---|---|"
    for handle in MODELS:
        model = model_class(handle)
        needs = ", ".join((*model.needs, *(f"({name})" for name in model.wants)))
        lists = ", ".join(KINDS[kind].title for kind in model.serves)
        standard = " *" if handle in STANDARD else ""
        yield f"| `{handle}`{standard} | {assumption_of(handle)} | {needs} | {lists} |"
    yield "\n\\* runs where nobody says otherwise. In brackets: what it uses where it is there."


def _figures(kept: Measurements) -> Iterable[str]:
    yield f"| model | {' | '.join(kept.figures)} |"
    yield "|---|" + "---:|" * len(kept.figures)
    best = {name: _best(models.values()) for name, models in kept.figures.items()}
    for handle in MODELS:
        cells = [_figure(models.get(handle), best[name]) for name, models in kept.figures.items()]
        yield f"| `{handle}` | {' | '.join(cells)} |"


def _best(measured: Iterable[Measured]) -> float:
    return max((one.ndcg for one in measured if one.ndcg is not None), default=0.0)


def _figure(one: Measured | None, best: float) -> str:
    if one is None:
        return ""
    if one.ndcg is None or one.high is None:
        return "too slow" if "would take" in one.why_not else "-"
    text = f"{one.ndcg:.4f}".lstrip("0")
    if one.loses:
        return f"_{text}, below popular_"
    return f"**{text}**" if one.high >= best else text


def _winners(kept: Measurements) -> Iterable[str]:
    yield "| model | first of the single ones | below popular |"
    yield "|---|---|---|"
    first = _first_of(kept)
    for handle in MODELS:
        wins = first.get(handle, [])
        losses = [
            name
            for name, models in kept.figures.items()
            if handle in models and models[handle].loses
        ]
        if wins or losses:
            yield f"| `{handle}` | {'; '.join(wins)} | {', '.join(losses)} |"


def _first_of(kept: Measurements) -> dict[str, list[str]]:
    """Handle -> where it is the best of the single models: a set, or a part of one."""
    first: dict[str, list[str]] = {}
    for name, models in kept.figures.items():
        singles = {
            handle: one
            for handle, one in models.items()
            if one.ndcg is not None and not model_class(handle).uses
        }
        if not singles:
            continue
        of_all = max(singles, key=lambda handle: singles[handle].ndcg or 0)
        first.setdefault(of_all, []).append(f"**{name}**")
        parts = {part: None for one in singles.values() for part in one.slices}
        for part in parts:
            best = max(singles, key=lambda handle: singles[handle].slices.get(part, 0))
            if best != of_all:
                first.setdefault(best, []).append(f"{name}, {part}")
    return first


def _newcomers(kept: Measurements) -> Iterable[str]:
    """Best last, by the sum over all columns."""
    if not kept.newcomers:
        yield "Not measured: `make bench-cold`."
        return
    columns = list(next(iter(kept.newcomers.values())))
    yield f"NDCG@10 by known courses, by `make bench-cold`: {kept.newcomers_cut}.\n"
    yield f"| | {' | '.join(columns)} |"
    yield "|---|" + "---:|" * len(columns)
    best = {k: max(of[k] for of in kept.newcomers.values()) for k in columns}
    by_sum = sorted(kept.newcomers.items(), key=lambda row: sum(row[1].values()))
    for name, values in by_sum:
        who = f"`{name}`" if name in MODELS else name
        cells = [_of_newcomers(values[k], best[k]) for k in columns]
        yield f"| {who} | {' | '.join(cells)} |"
    if FOR_NEWCOMERS in kept.newcomers:
        ours = kept.newcomers[FOR_NEWCOMERS]
        below = {
            name: [k for k in columns if ours[k] < values[k]]
            for name, values in kept.newcomers.items()
        }
        said = [f"{name} at {', '.join(of)}" for name, of in below.items() if of]
        yield f"\n`{FOR_NEWCOMERS}` is below {'; '.join(said) or 'none of them'}."


def _of_newcomers(value: float, best: float) -> str:
    text = f"{value:.4f}".lstrip("0")
    return f"**{text}**" if value == best else "-" if value == 0 else text


def _costs(kept: Measurements) -> Iterable[str]:
    yield "| model | fit | lists of users | lists of courses |"
    yield "|---|---:|---:|---:|"
    for handle in (handle for handle in MODELS if handle in kept.reference):
        seconds = kept.reference[handle]
        cells = [_seconds(seconds.get(what)) for what in ("fit", "users", "courses")]
        yield f"| `{handle}` | {' | '.join(cells)} |"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
