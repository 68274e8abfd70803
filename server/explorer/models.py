"""The models of the live generation beside each other, from the facts in its manifest."""

from dataclasses import dataclass

from flask import render_template

from server.explorer.blueprint import routes
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.kinds import KINDS, RECOMMENDATIONS, Kind, KindName
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
        kinds=kinds_of(manifest),
        recommendations=RECOMMENDATIONS.name,
        overlaps={kind: overlaps_of(manifest, kind) for kind in KINDS},
        spreads={kind: spreads_of(manifest, kind) for kind in KINDS},
    )


def metrics_of(manifest: Manifest) -> list[Metric]:
    by_model = {card.title: card.evaluation for card in manifest.served_models}
    if manifest.evaluation:
        # The most viewed courses are a baseline and may be a model too, with the same figures.
        by_model |= {
            name: figures
            for name, figures in manifest.evaluation.baselines.items()
            if figures not in by_model.values()
        }
    named: dict[str, list[tuple[str, Figure]]] = {}
    for title, figures in by_model.items():
        for figure in figures:
            name = f"{figure.name.replace('_', ' ')} at {figure.k}"
            named.setdefault(name, []).append((title, figure))
    return [
        Metric(name, figures, max(max(f.value, f.high) for _, f in figures))
        for name, figures in named.items()
    ]


def kinds_of(manifest: Manifest) -> list[Kind]:
    """Those that any model serves."""
    served = {kind for card in manifest.served_models for kind in card.serves}
    return [kind for kind in KINDS.values() if kind.name in served]


def overlaps_of(manifest: Manifest, kind: KindName) -> dict[tuple[str, str], float]:
    return {
        pair: overlap.share
        for overlap in manifest.model_overlaps
        if overlap.kind == kind
        for pair in ((overlap.first, overlap.second), (overlap.second, overlap.first))
    }


def spreads_of(manifest: Manifest, kind: KindName) -> dict[str, list[float]]:
    """Scores at 0 %, 5 %, ... 100 % as parts of the model's best, since scales differ."""
    return {
        card.title: [round(max(q, 0) / quantiles[-1], 4) for q in quantiles]
        for card in manifest.served_models
        if kind in card.spreads
        and (quantiles := card.spreads[kind].quantiles)
        and quantiles[-1] > 0
    }
