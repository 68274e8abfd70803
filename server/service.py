"""What the routes work with, and how they reach it."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from server.live_view import LiveView
from shared.settings import Settings
from shared.stores import Store

EXTENSION = "kindred"


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    store: Store
    live_view: LiveView

    @property
    def tenant(self) -> str:
        return self.settings.tenant


def service() -> Service:
    """The service of the app that answers the current request."""
    return cast(Service, current_app.extensions[EXTENSION])
