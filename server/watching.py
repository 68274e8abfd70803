"""Around every request: its number, its time, its place in metrics, logs and traces."""

import itertools
import re
import secrets
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map

from server.metrics import Metrics
from server.service import TENANT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNKNOWN_ROUTE = "unknown"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request that this thread answers."""

_is_sane = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}").fullmatch


class RouteNames:
    """The routes of an application: few, whatever paths are asked for."""

    def __init__(self, url_map: Map) -> None:
        rules = [rule.rule for rule in url_map.iter_rules()]
        exact = [rule for rule in rules if "<" not in rule]
        self._exact = {path: rule for rule in exact for path in (rule, f"{rule.rstrip('/')}/")}
        self._prefixes = [(rule.partition("<")[0], rule) for rule in rules if "<" in rule]

    def of(self, path: str) -> str:
        return self._exact.get(path) or self._by_prefix(path)

    def _by_prefix(self, path: str) -> str:
        return next(
            (rule for prefix, rule in self._prefixes if path.startswith(prefix)), UNKNOWN_ROUTE
        )


class Watched:
    """A WSGI application that is measured and whose answers carry X-Request-ID."""

    def __init__(
        self, app: "WSGIApplication", routes: RouteNames, tenant: str, metrics: Metrics
    ) -> None:
        self._app = app
        self._routes = routes
        self._tenant = tenant
        self._metrics = metrics
        # Random once per process and counted on: unlike a random number per request, nearly free.
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = self._request_id(environ)
        REQUEST_ID.set(request_id)
        answered = "500"

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal answered
            answered = status[:3]
            return start_response(status, [*headers, ("X-Request-ID", request_id)], *error)

        try:
            return self._app(environ, start)
        finally:
            self._metrics.answered(
                environ.get(TENANT, self._tenant),
                self._routes.of(environ["PATH_INFO"]),
                answered,
                time.perf_counter() - started,
            )

    def _request_id(self, environ: "WSGIEnvironment") -> str:
        sent = environ.get("HTTP_X_REQUEST_ID")
        if sent is not None and _is_sane(sent):
            return str(sent)
        return f"{self._prefix}-{next(self._numbers):x}"
