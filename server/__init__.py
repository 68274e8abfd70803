"""The online side: answers from published lists, and never computes one."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI

from server import explorer
from server.access.guard import AUTH, SECURITY_SCHEMES, Auth, Guard, refuse_in_routes
from server.access.session_secret import SessionSecret
from server.explorer.outside import problem_page
from server.http.body import JSONRequest, OrjsonProvider
from server.http.compressed import Compressed
from server.http.cross_origin import CrossOrigin
from server.http.errors import handle_errors, refuse_invalid
from server.http.forwarded import Forwarded
from server.http.front import Front
from server.http.headers import set_headers
from server.http.requests import MAX_BATCH_SUBJECTS, MAX_EXCLUDED
from server.http.schemas import ProblemDetails
from server.http.unread import Unread
from server.reading.breaker import Breaker
from server.reading.cache import RowsCache
from server.reading.following import Follows
from server.reading.fresh_lists import FreshView
from server.reading.live_view import Background, Clock, LiveView, in_a_thread
from server.reading.recent_events import RecentEvents
from server.reading.rows import ReadRows
from server.routes import (
    courses,
    docs,
    health,
    index,
    interactions,
    lists,
    models,
    new_courses,
    questionnaire,
    rankings,
    users,
)
from server.routes import metrics as metrics_route
from server.routes.description import with_access
from server.service import EXTENSION, Service
from server.watching.metrics import Metrics
from server.watching.requests import Watched
from server.watching.route_names import RouteNames
from server.watching.tracing import open_tracing
from shared import __version__
from shared.events import EventLog
from shared.fresh import FreshLists
from shared.records import MAX_HANDLE_CHARACTERS
from shared.settings import ServerSettings
from shared.settings.server import ServerRole
from shared.stores import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_BODY_BYTES = 64 * 1024 + 4 * MAX_HANDLE_CHARACTERS * (MAX_BATCH_SUBJECTS + 2 * MAX_EXCLUDED)
"""What the schema allows: as many of the longest handles, in UTF-8, as one request may name."""
DESCRIPTION = "Similar users and next courses for every learner, from lists published in one step."


ROUTES: dict[ServerRole, Sequence[ModuleType]] = {
    "lookups": (lists, courses, rankings, models, questionnaire),
    "events": (interactions, users, new_courses),
}


def create_app(
    settings: ServerSettings,
    store: Store,
    clock: Clock = time.monotonic,
    marks: Path | None = None,
    counts: Path | None = None,
    in_background: Background = in_a_thread,
    secret: SessionSecret | None = None,
    log: EventLog | None = None,
    fresh: FreshLists | None = None,
) -> OpenAPI:
    """The WSGI application that serves from `store` the tenant that the caller's key names, or
    `settings.tenant` where there are no keys. `clock` counts seconds; `marks` is the file in which
    worker processes keep rate limits together, and `counts` the folder in which they leave their
    counts for each other; `in_background` runs what no request should wait for; `secret` signs
    sessions, which without it are of this process alone; `log` keeps events, and
    `fresh` has the lists that were made of them.
    """
    app = OpenAPI(
        __name__,
        info=Info(title="Kindred", version=__version__, description=DESCRIPTION),
        doc_ui=False,
        security_schemes=SECURITY_SCHEMES,
        # The library describes this status for every operation that does not describe it itself;
        # ours all describe 500. What is really answered comes from the callback.
        validation_error_status=500,
        validation_error_model=ProblemDetails,
        validation_error_callback=refuse_invalid,
        static_folder=None,
    )
    app.openapi_version = "3.1.0"  # 3.2, the library's own choice, is news to many importers
    app.request_class = JSONRequest
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.logger.setLevel(logging.INFO)

    metrics = Metrics(counts)
    cache_bytes = settings.cache_bytes(store.reads_are_local)
    cache = RowsCache(cache_bytes) if cache_bytes else None
    tracing = open_tracing(settings.otlp_endpoint)
    breaker = Breaker(clock)
    rows = ReadRows(store, cache, metrics, tracing, breaker)
    refresh_seconds = settings.pointer_refresh_seconds
    live_view = LiveView(store, refresh_seconds, clock, rows, breaker, in_background)
    events = RecentEvents(log, refresh_seconds, clock)
    service = Service(
        settings,
        store,
        live_view,
        rows,
        metrics,
        events,
        FreshView(fresh, clock),
        Follows(log, fresh),
    )
    app.extensions[EXTENSION] = service
    handle_errors(app, settings.pointer_refresh_seconds, problem_page)
    set_headers(app)
    for module in (index, *(m for role in settings.server_roles for m in ROUTES[role]), health):
        app.register_api(module.routes)
    app.register_blueprint(docs.routes)
    app.register_blueprint(metrics_route.routes)
    if "lookups" in settings.server_roles:
        app.register_blueprint(explorer.routes)
    auth = app.extensions[AUTH] = Auth(settings, marks, clock, secret)
    refuse_in_routes(app)
    # Now, because two first requests would make it at the same time.
    app.spec_json = docs.with_whole_numbers(app.api_doc)
    with_access(app.spec_json, auth.is_guarded)
    routed = Unread(app.wsgi_app)
    front = Front(service, routed, MAX_BODY_BYTES)
    guard = Guard(auth, front, otherwise=routed)
    answering: WSGIApplication = Compressed(guard)
    if settings.cors_origins:
        answering = CrossOrigin(answering, settings.cors_origins)
    if settings.trusted_proxies:
        answering = Forwarded(answering, settings.trusted_proxies)
    watched = Watched(answering, RouteNames(app.url_map), settings, metrics, tracing)
    app.wsgi_app = watched  # type: ignore[method-assign]
    return app


__all__ = ["create_app"]
