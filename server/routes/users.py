"""POST /users: what users say of themselves."""

from typing import Any

from pydantic import BaseModel, Field

from server.http.interactions import USERS, NewUser
from server.http.schemas import Handle
from server.http.taking_in import kept
from server.problems import Problem
from server.routes.description import blueprint
from server.routes.interactions import REFUSALS
from server.service import service
from shared.clock import utc_now

routes = blueprint(__name__, "events")


class Known(BaseModel):
    """What was kept of it."""

    user_handle: Handle
    accepted: int = Field(description="Attributes and interests that are new.")
    repeated: int = Field(description="Those that came before under the same `event_id`.")


@routes.post(USERS, responses={201: Known, **REFUSALS})
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
    return {"user_handle": body.user_handle, **kept(known, known.tenant, events)}, 201
