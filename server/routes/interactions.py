"""POST /interactions: what learners did since the last run."""

from typing import Any

from flask import request
from pydantic import BaseModel, Field

from server.access.guard import auth_of_app
from server.http.interactions import INTERACTIONS, Interactions
from server.http.schemas import FieldError, Handle
from server.http.taking_in import EVENTS_PER_REQUEST, taken_in
from server.routes.description import blueprint, problems
from server.service import service
from shared.clock import utc_now

routes = blueprint(__name__, "events")


class Refused(BaseModel):
    event: int = Field(description="Its place among those that were sent, from 0.")
    errors: list[FieldError]


class Kept(BaseModel):
    """What was kept of a request."""

    accepted: int = Field(description="Kept: they would survive a power failure.")
    repeated: int = Field(description="Known by their `event_id` before, and left as they were.")


class Accepted(Kept):
    """What became of the events."""

    refused: list[Refused] = Field(description="Not kept, and why.")
    unknown_courses: list[Handle] = Field(
        description="Courses of kept events that the live lists know nothing of: new ones, or "
        "handles of another spelling or JSON type."
    )


def charge_for(events: int) -> None:
    """Count so many against the key's limit. Raises Problem if that is used up."""
    auth_of_app().charge(request.environ, -(-events // EVENTS_PER_REQUEST))


REFUSALS = problems(400, 403, 413, 415, 422, 429, 501, 503)


@routes.post(INTERACTIONS, responses={202: Accepted, **REFUSALS})
def interactions(body: Interactions) -> tuple[dict[str, Any], int]:
    """Events: what learners did

    Answered once they are on disk. From then on, what a user has taken up or dismissed is not
    recommended to them; the next run of the generator learns from it. A wrong event is refused and
    the others are kept; if all are wrong, the answer is 422.
    """
    charge_for(len(body.events))
    known = service()
    return taken_in(known, known.tenant, body.events, utc_now()), 202
