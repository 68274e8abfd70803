"""How the server does, refreshed while somebody looks."""

from dataclasses import asdict
from typing import Any

from flask import render_template

from server.explorer.blueprint import routes
from server.service import service
from server.watching.figures import Figures, figures_of


@routes.get("/operations")
def operations() -> str:
    known = service()
    return render_template(
        "explorer/operations.html", figures=_figures(), tenant=known.tenant, settings=known.settings
    )


@routes.get("/operations/figures")
def operation_figures() -> dict[str, Any]:
    """What the page asks again every two seconds."""
    return asdict(_figures())


def _figures() -> Figures:
    known = service()
    return figures_of(known.tenant, known.metrics.collect())
