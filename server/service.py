"""What the routes work with, and how they reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, request

from server.reading.following import Follows
from server.reading.fresh_lists import FreshView
from server.reading.live_view import LiveView
from server.reading.recent_events import RecentEvents
from server.reading.rows import ReadRows
from server.watching.metrics import Metrics
from shared.settings import ServerSettings
from shared.stores import Store

EXTENSION = "kindred"
TENANT = "kindred.tenant"
"""Key of the WSGI environment: whose lists the request may read. Absent, it may read none."""
FAILURE = "kindred.failure"
"""Key of the WSGI environment: how this lookup failed when it was tried in front of Flask."""


@dataclass(frozen=True, slots=True)
class Service:
    settings: ServerSettings
    store: Store
    live_view: LiveView
    rows: ReadRows
    metrics: Metrics
    events: RecentEvents
    fresh: FreshView
    follows: Follows

    def tenant_of(self, environ: Mapping[str, Any]) -> str:
        return cast(str, environ[TENANT])

    @property
    def tenant(self) -> str:
        """The tenant of the request that Flask is answering."""
        return self.tenant_of(request.environ)


def service() -> Service:
    """The service of the app that answers the current request."""
    return cast(Service, current_app.extensions[EXTENSION])
