"""From checked requests to events that are kept, and what is answered of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from server.http.errors import MAX_REPORTED_ERRORS, errors_of
from server.http.interactions import Interaction
from server.http.new_courses import NewCourse
from server.lookup.stored import known_among
from server.problems import Problem
from server.service import Service
from shared.errors import EventsNotKept, StoreError
from shared.events import Event
from shared.records import Handle

EVENTS_PER_REQUEST = 50
"""So many count as one request of a key's limit: keeping one costs that much less than a list."""

Refusal = dict[str, Any]


def taken_in(
    service: Service, tenant: str, bodies: Sequence[object], now: datetime
) -> dict[str, Any]:
    """What became of these events, which are on disk then.

    Raises Problem if none can be kept, StoreError if the log cannot be written.
    """
    events, refused = sorted_out(bodies, Interaction, "event", now)
    counts = kept(service, tenant, events)
    return {**counts, "refused": refused, "unknown_courses": _unknown(service, tenant, events)}


def kept(service: Service, tenant: str, events: Sequence[Event]) -> dict[str, int]:
    """How many of these events were new and are on disk now, and how many were there already.

    Raises Problem if there is no room for them or no log, EventsNotKept if it cannot be written.
    """
    try:
        is_new = service.events.keep(tenant, events, service.settings.events_kept)
    except StoreError as error:
        raise EventsNotKept(str(error)) from error
    return {"accepted": sum(is_new), "repeated": len(is_new) - sum(is_new)}


def sorted_out(
    bodies: Sequence[object], of: type[Interaction] | type[NewCourse], called: str, now: datetime
) -> tuple[list[Event], list[Refusal]]:
    """Events that can be kept, and why others cannot: a wrong one does not cost the others.

    Raises Problem if none can be kept.
    """
    events: list[Event] = []
    refused: list[Refusal] = []
    for place, body in enumerate(bodies):
        try:
            events.append(of.model_validate(body).event(now))
        except ValidationError as error:
            refused.append({called: place, "errors": errors_of(error, f"{called}s", place)})
    if not events:
        errors = [error for refusal in refused for error in refusal["errors"]]
        raise Problem(
            "invalid-request", f"No {called} can be kept.", errors=errors[:MAX_REPORTED_ERRORS]
        )
    return events, refused


def _unknown(service: Service, tenant: str, events: Sequence[Event]) -> list[Handle]:
    """None if nothing is live that could know them."""
    about = (event.course for event in events)
    courses = list(dict.fromkeys(course for course in about if course is not None))
    try:
        there = service.live_view.read(
            tenant, lambda live: known_among(service.fresh.over(live, courses), "course", courses)
        )
    except (Problem, StoreError):
        return []
    return [course for course in courses if course not in there]
