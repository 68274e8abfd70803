"""POST /interactions: what learners did since the last run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import request
from pydantic import BaseModel, Field, ValidationError

from server.access.guard import auth_of_app
from server.http.errors import MAX_REPORTED_ERRORS, errors_of
from server.http.interactions import Interaction, Interactions
from server.http.schemas import FieldError
from server.http.schemas import Handle as AnyHandle
from server.lookup.stored import known_among
from server.problems import Problem
from server.routes.description import blueprint, problems
from server.service import Service, service
from shared.clock import utc_now
from shared.errors import StoreError
from shared.events import Event
from shared.records import Handle

EVENTS_PER_REQUEST = 50
"""So many count as one request of a key's limit: keeping one costs that much less than a list."""

Refusal = dict[str, Any]

routes = blueprint(__name__, "events")


class Refused(BaseModel):
    event: int = Field(description="Its place among those that were sent, from 0.")
    errors: list[FieldError]


class Accepted(BaseModel):
    """What became of the events."""

    accepted: int = Field(description="Kept: they would survive a power failure.")
    repeated: int = Field(description="Known by their `event_id` before, and left as they were.")
    refused: list[Refused] = Field(description="Not kept, and why.")
    unknown_courses: list[AnyHandle] = Field(
        description="Courses of kept events that the live lists know nothing of: new ones, or "
        "handles of another spelling or JSON type."
    )


REFUSALS = problems(400, 403, 413, 415, 422, 429, 501, 503)


@routes.post("/interactions", responses={202: Accepted, **REFUSALS})
def interactions(body: Interactions) -> tuple[dict[str, Any], int]:
    """Events: what learners did

    Answered once they are on disk. From then on, what a user has taken up or dismissed is not
    recommended to them; the next run of the generator learns from it. A wrong event is refused and
    the others are kept; if all are wrong, the answer is 422.
    """
    known = service()
    auth_of_app().charge(request.environ, -(-len(body.events) // EVENTS_PER_REQUEST))
    events, refused = _sorted_out(body.events, utc_now())
    if not events:
        errors = [error for refusal in refused for error in refusal["errors"]]
        raise Problem(
            "invalid-request", "No event can be kept.", errors=errors[:MAX_REPORTED_ERRORS]
        )
    is_new = known.events.keep(known.tenant, events, known.settings.events_kept)
    return {
        "accepted": sum(is_new),
        "repeated": len(is_new) - sum(is_new),
        "refused": refused,
        "unknown_courses": _unknown(known, events),
    }, 202


def _sorted_out(bodies: Sequence[object], now: datetime) -> tuple[list[Event], list[Refusal]]:
    """Events that can be kept, and why others cannot: a wrong one does not cost the others."""
    events: list[Event] = []
    refused: list[Refusal] = []
    for place, body in enumerate(bodies):
        try:
            events.append(Interaction.model_validate(body).event(now))
        except ValidationError as error:
            refused.append({"event": place, "errors": errors_of(error, "events", place)})
    return events, refused


def _unknown(known: Service, events: Sequence[Event]) -> list[Handle]:
    """None if nothing is live that could know them."""
    about = (event.course for event in events)
    courses = list(dict.fromkeys(course for course in about if course is not None))
    try:
        there = known.live_view.read(
            known.tenant, lambda live: known_among(live, "course", courses)
        )
    except (Problem, StoreError):
        return []
    return [course for course in courses if course not in there]
