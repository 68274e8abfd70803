"""The models of the live generation beside each other, from the facts in its manifest."""

from dataclasses import dataclass

from flask import render_template

from server.absence import TASK_NAMES, Task
from server.explorer.blueprint import routes
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.records import Figure, Manifest


@dataclass(frozen=True, slots=True)
class Metric:
    """One evaluation figure of every model that has it, and of the baselines."""

    name: str
    figures: list[tuple[str, Figure]]
    best: float


@routes.get("/models")
def models() -> str:
    known = service()
    return known.live_view.read(known.tenant, _page)


def _page(live: LiveGeneration) -> str:
    manifest = live.manifest
    return render_template(
        "explorer/models.html",
        live=live,
        metrics=metrics_of(manifest),
        tasks=TASK_NAMES,
        overlaps={task: overlaps_of(manifest, task) for task in TASK_NAMES},
        spreads={task: spreads_of(manifest, task) for task in TASK_NAMES},
    )


def metrics_of(manifest: Manifest) -> list[Metric]:
    by_model = {card.title: card.evaluation for card in manifest.served_models}
    if manifest.evaluation:
        by_model |= manifest.evaluation.baselines
    named: dict[str, list[tuple[str, Figure]]] = {}
    for title, figures in by_model.items():
        for figure in figures:
            name = f"{figure.name.replace('_', ' ')} at {figure.k}"
            named.setdefault(name, []).append((title, figure))
    return [
        Metric(name, figures, max(max(f.value, f.high) for _, f in figures))
        for name, figures in named.items()
    ]


def overlaps_of(manifest: Manifest, task: Task) -> dict[tuple[str, str], float]:
    found = [overlap for overlap in manifest.overlaps if overlap.task == task]
    return {
        pair: overlap.share
        for overlap in found
        for pair in ((overlap.one, overlap.other), (overlap.other, overlap.one))
    }


def spreads_of(manifest: Manifest, task: Task) -> dict[str, list[float]]:
    """Scores at 0 %, 5 %, ... 100 % as parts of the model's best, since scales differ."""
    return {
        card.title: [round(max(q, 0) / quantiles[-1], 4) for q in quantiles]
        for card in manifest.served_models
        if task in card.spreads
        and (quantiles := card.spreads[task].quantiles)
        and quantiles[-1] > 0
    }
