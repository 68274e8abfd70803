"""What is live, what was before, how the lists changed, and what the gate has held back."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template

from server.explorer.blueprint import routes
from server.explorer.exports import exported, format_asked
from server.explorer.trends import Trend, published, seconds_of, trends_of
from server.problems import Problem
from server.service import service
from shared.errors import GenerationDamaged, GenerationMissing
from shared.kinds import KINDS, Kind
from shared.records import Figure, Manifest, ModelCard, list_section

RECORD_FIELDS = (
    *("generation", "state", "created_at", "published_at", "users", "courses", "models"),
    *("skipped", "seconds", "held_because"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A number of one model in this generation and in the one before."""

    name: str
    now: float
    before: float | None
    form: str
    """As `format` takes it."""


@routes.get("/generations")
def generations() -> Response | str:
    known = service()
    manifests = known.store.generations(known.tenant)
    drawn = published(manifests)
    trends = trends_of(drawn)
    if form := format_asked():
        fields = [*RECORD_FIELDS, *(trend.name for trend in trends)]
        return exported(form, "generations", fields, _records(manifests, drawn, trends))
    state = known.store.state(known.tenant)
    return render_template(
        "explorer/generations.html",
        manifests=manifests[::-1],
        drawn=drawn,
        trends=trends,
        unreadable=known.store.unreadable(known.tenant),
        state=state,
        trouble=known.live_view.trouble(known.tenant),
        lock=state.lock,
        lock_lapsed=state.lock is not None and state.lock.expires_at <= time.time(),
    )


def _records(
    manifests: Sequence[Manifest], drawn: Sequence[Manifest], trends: Sequence[Trend]
) -> list[dict[str, Any]]:
    places = {manifest.generation: place for place, manifest in enumerate(drawn)}
    return [
        {
            "generation": manifest.generation,
            "state": manifest.state,
            "created_at": manifest.created_at,
            "published_at": manifest.published_at,
            "users": manifest.users,
            "courses": manifest.courses,
            "models": len(manifest.served_models),
            "skipped": len(manifest.models) - len(manifest.served_models),
            "seconds": seconds_of(manifest),
            "held_because": "; ".join(manifest.held_because),
        }
        | {
            trend.name: trend.values[places[manifest.generation]]
            for trend in trends
            if manifest.generation in places
        }
        for manifest in manifests
    ]


@routes.get("/generations/<generation>")
def generation(generation: str) -> str:
    known = service()
    try:
        manifest = known.store.manifest(known.tenant, generation)
    except GenerationMissing as missing:
        raise Problem("unknown-route", str(missing)) from None
    except GenerationDamaged:
        raise Problem(
            "store-unavailable", f"The manifest of generation {generation} cannot be read."
        ) from None
    before = _published_before(manifest, known.store.generations(known.tenant))
    return render_template(
        "explorer/generation.html",
        manifest=manifest,
        before=before,
        overlaps={
            card.model_handle: [
                (kind.title, share)
                for kind in KINDS.values()
                if (share := _overlap(manifest, kind, card)) is not None
            ]
            for card in manifest.served_models
        },
        changes={
            card.model_handle: changes(card, before.card(card.model_handle) if before else None)
            for card in manifest.served_models
        },
        slowest=max((stage.seconds for stage in manifest.stages), default=0),
        state=known.store.state(known.tenant),
        size_bytes=known.store.size_bytes(known.tenant, generation),
    )


def changes(card: ModelCard, before: ModelCard | None) -> list[Change]:
    """The model's numbers, beside those it had before."""
    found = [
        change
        for kind in KINDS.values()
        if kind.name in card.list_facts
        for change in _list_changes(kind, card, before)
    ]
    found += [
        Change(_words(name), value, before.measures.get(name) if before else None, ".4g")
        for name, value in card.measures.items()
        if card.figure(name) is None
    ]
    found += [
        Change(_words(_name(figure)), figure.value, _value(before, _name(figure)), ".4f")
        for figure in card.evaluation
    ]
    return found


def _list_changes(kind: Kind, card: ModelCard, before: ModelCard | None) -> list[Change]:
    now = card.list_facts[kind.name]
    then = before.list_facts.get(kind.name) if before else None
    counted = (
        ("lists", "subjects", ",.0f"),
        ("empty lists", "empty", ",.0f"),
        ("different entries", "distinct_entries", ",.0f"),
        ("entries in effect", "effective_entries", ",.1f"),
    )
    return [
        Change(
            f"{kind.title}: {name}",
            getattr(now, field),
            getattr(then, field) if then else None,
            form,
        )
        for name, field, form in counted
    ]


def _published_before(manifest: Manifest, manifests: Sequence[Manifest]) -> Manifest | None:
    """The newest published generation that is older."""
    older = [
        one
        for one in manifests
        if one.state == "published" and one.created_at < manifest.created_at
    ]
    return older[-1] if older else None


def _overlap(manifest: Manifest, kind: Kind, card: ModelCard) -> float | None:
    return manifest.overlap_with_live.get(list_section(kind.name, card.model_handle))


def _name(figure: Figure) -> str:
    return f"{figure.name}_at_{figure.k}"


def _value(card: ModelCard | None, name: str) -> float | None:
    figure = card.figure(name) if card else None
    return figure.value if figure else None


def _words(name: str) -> str:
    return name.replace("_", " ")
