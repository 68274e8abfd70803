"""POST /users: what users say of themselves."""

from typing import Any

from flask import request
from pydantic import BaseModel, Field

from server.access.guard import auth_of_app
from server.http.interactions import NewUser
from server.http.schemas import Handle
from server.problems import Problem
from server.routes.description import blueprint, problems
from server.service import service
from shared.clock import utc_now

REFUSALS = problems(400, 403, 413, 415, 422, 429, 501, 503)

routes = blueprint(__name__, "events")


class Known(BaseModel):
    """What was kept of it."""

    user_handle: Handle
    accepted: int = Field(description="Attributes and interests that are new.")
    repeated: int = Field(description="Those that came before under the same `event_id`.")


@routes.post("/users", responses={201: Known, **REFUSALS})
def users(body: NewUser) -> tuple[dict[str, Any], int]:
    """Who a user is: attributes and interests

    Answered once they are on disk. A user whom the live lists do not know gets recommendations from
    then on, of what is viewed by others with these attributes and interests; the next run of the
    generator learns from them.
    """
    known = service()
    events = body.events(utc_now())
    if not events:
        raise Problem(
            "invalid-request",
            "Nothing is said of the user: send `attributes` or `interests`.",
            errors=[{"pointer": "#/attributes", "detail": "is empty, and so are interests"}],
        )
    auth_of_app().charge(request.environ, 1)
    is_new = known.events.keep(known.tenant, events, known.settings.events_kept)
    accepted = sum(is_new)
    answer = {"user_handle": body.user_handle, "accepted": accepted}
    return answer | {"repeated": len(is_new) - accepted}, 201
