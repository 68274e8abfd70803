"""GET /metrics: for Prometheus."""

import hmac

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from server.access.guard import auth_of_app
from server.problems import Problem
from server.service import service
from server.watching.gauges import events, keys, last_runs, live_generations
from shared.settings import LOOPBACK_HOSTS

routes = Blueprint("metrics", __name__)


@routes.get("/metrics")
def metrics() -> Response:
    """Counts of all workers and tenants, so no tenant's key opens it."""
    known = service()
    _require_permission(known.settings.metrics_token)
    auth = auth_of_app()
    noticed = [
        *live_generations(known.live_view, auth.tenants),
        *last_runs(known.live_view, auth.tenants),
        *events(known.live_view, known.follows, auth.tenants),
        keys(auth.keys_are_unreadable),
    ]
    return Response(known.metrics.exposition(noticed), content_type=CONTENT_TYPE_LATEST)


def _require_permission(token: str) -> None:
    if token:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise _refused("Show METRICS_TOKEN in the header Authorization, as Bearer TOKEN.")
    elif auth_of_app().is_guarded:
        raise _refused("Where there are keys, metrics need a METRICS_TOKEN; none is set here.")
    # What came through a proxy on this machine has a loopback address, too.
    elif request.remote_addr not in LOOPBACK_HOSTS or "X-Forwarded-For" in request.headers:
        raise _refused("Metrics are for this machine alone unless METRICS_TOKEN is set.")


def _refused(detail: str) -> Problem:
    return Problem("metrics-refused", detail, headers={"WWW-Authenticate": "Bearer"})
