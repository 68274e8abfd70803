"""Around every request: its number, its time, its place in metrics, log and trace."""

import logging
import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from server.service import TENANT
from server.watching.metrics import Metrics
from server.watching.request_ids import RequestIds
from server.watching.route_names import RouteNames
from server.watching.tracing import RequestSpan, Tracing
from shared.settings import LogRequests, ServerSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SLOW_SECONDS = 1.0
NO_TENANT = "-"
"""Of requests that were not admitted; no tenant can be called so."""
_LEAST_LOGGED_STATUS: dict[LogRequests, str] = {"none": "~", "errors": "500", "all": ""}

_log = logging.getLogger("kindred.requests")


class Watched:
    """A WSGI application that is measured and whose answers carry X-Request-ID."""

    def __init__(
        self,
        app: "WSGIApplication",
        routes: RouteNames,
        settings: ServerSettings,
        metrics: Metrics,
        tracing: Tracing | None,
    ) -> None:
        self._app = app
        self._routes = routes
        self._metrics = metrics
        self._tracing = tracing
        self._ids = RequestIds()
        self._least_logged_status = _LEAST_LOGGED_STATUS[settings.log_requests]
        self._slow_seconds = math.inf if settings.log_requests == "none" else SLOW_SECONDS

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._tracing is None:
            return self._answer(environ, start_response, None)
        with self._tracing.request(environ) as span:
            return self._answer(environ, start_response, span)

    def _answer(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        span: RequestSpan | None,
    ) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = self._ids.begin(environ.get("HTTP_X_REQUEST_ID"))
        answered = "500"

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal answered
            answered = status[:3]
            return start_response(status, [*headers, ("X-Request-ID", request_id)], *error)

        try:
            return self._app(environ, start)
        finally:
            seconds = time.perf_counter() - started
            tenant = environ.get(TENANT, NO_TENANT)
            route = self._routes.of(environ["PATH_INFO"])
            self._metrics.answered(tenant, route, answered, seconds)
            if span is not None:
                span.answered(route, answered, tenant, request_id)
            if answered >= self._least_logged_status or seconds >= self._slow_seconds:
                _log_request(environ, route, answered, tenant, seconds, span)


def _log_request(
    environ: "WSGIEnvironment",
    route: str,
    status: str,
    tenant: str,
    seconds: float,
    span: RequestSpan | None,
) -> None:
    method = environ["REQUEST_METHOD"]
    fields = {
        "method": method,
        # As WSGI has it, bytes in the guise of latin-1.
        "path": environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace"),
        "route": route,
        "status": int(status),
        "tenant": tenant,
        "milliseconds": round(1000 * seconds, 3),
    }
    if span is not None:
        fields["trace_id"] = span.trace_id
    unusual = status >= "500" or seconds >= SLOW_SECONDS
    level = logging.WARNING if unusual else logging.INFO
    _log.log(
        level,
        "%s %s %s in %.1f ms",
        method,
        route,
        status,
        1000 * seconds,
        extra={"fields": fields},
    )
