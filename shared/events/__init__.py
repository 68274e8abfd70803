"""What learners did since the tables were written. `open_log(url)` picks the backend."""

from importlib import import_module

from shared.errors import SettingsError
from shared.events.event import COURSE, NOBODY, Description, Event, EventKind
from shared.events.log import EventLog, Page

EVENT_LOGS = {
    "dynamodb": "shared.events.dynamodb:DynamoDBEventLog",
    "sqlite": "shared.events.sqlite:SQLiteEventLog",
}
"""Scheme of STORE_URL -> "module:Class"; named as text so that only the one in use is imported."""


def open_log(store_url: str) -> EventLog | None:
    """The log of events beside a store; None where its backend has none.

    Nothing is created before the first event. Raises SettingsError if the URL is not understood.
    """
    scheme, separator, _ = store_url.partition("://")
    if not separator:
        raise SettingsError(f"STORE_URL is {store_url!r}, but must be SCHEME://...")
    if scheme not in EVENT_LOGS:
        return None
    module, _, name = EVENT_LOGS[scheme].partition(":")
    backend: type[EventLog] = getattr(import_module(module), name)
    return backend.from_url(store_url)


__all__ = [
    "COURSE",
    "EVENT_LOGS",
    "NOBODY",
    "Description",
    "Event",
    "EventKind",
    "EventLog",
    "Page",
    "open_log",
]
