"""How the server does now and did in the last hour, refreshed while somebody looks."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from flask import render_template

from server.explorer.blueprint import routes
from server.explorer.exports import exported, format_asked
from server.problems import Problem
from server.reading.following import Following
from server.service import Service, service
from server.watching.figures import Figures, Tally, tallies_of
from server.watching.history import Stretch
from shared.errors import StoreError

PLOTTED = ("at", "rate", "p50_seconds", "p95_seconds", "p99_seconds", "failed", "fallbacks")
ROWS_WITHOUT_SCRIPTS = 30


@dataclass(frozen=True, slots=True)
class Operations:
    recent: Figures
    stretches: list[Stretch]
    workers: int
    worker_starts: int
    following: Following | None
    """None where learners did nothing since the tables."""


@routes.get("/operations")
def operations() -> Any:
    now = _operations()
    if form := format_asked():
        return exported(form, "operations", PLOTTED, [_plotted(one) for one in now.stretches])
    return render_template(
        "explorer/operations.html", now=now, latest=now.stretches[: -ROWS_WITHOUT_SCRIPTS - 1 : -1]
    )


@routes.get("/operations/figures")
def operation_figures() -> dict[str, Any]:
    """What the page asks again every few seconds."""
    now = _operations()
    return asdict(now.recent) | {
        "workers": now.workers,
        "worker_starts": now.worker_starts,
        "stretches": [_plotted(one) for one in now.stretches],
    }


def _operations() -> Operations:
    known = service()
    known.metrics.remember()
    families = list(known.metrics.collect())
    totals = {sample.name: sample.value for family in families for sample in family.samples}
    history = known.metrics.history
    tally = tallies_of(families).get(known.tenant, Tally())
    return Operations(
        history.recent(known.tenant, tally),
        history.stretches(known.tenant),
        round(totals.get("kindred_workers", 0)),
        round(totals.get("kindred_worker_starts_total", 0)),
        _following(known),
    )


def _following(known: Service) -> Following | None:
    with suppress(Problem, StoreError):
        return known.follows.of(known.live_view.current(known.tenant))
    return None


def _plotted(stretch: Stretch) -> dict[str, float | None]:
    figures = stretch.figures
    return {"at": stretch.at} | {name: getattr(figures, name) for name in PLOTTED[1:]}
