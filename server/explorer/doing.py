"""Do something as a user: a real event, and the list before and after it."""

from typing import Any
from uuid import uuid4

from flask import Response, redirect, request, url_for
from pydantic import ValidationError

from server.access.guard import IDENTITY, require_right
from server.explorer.asked import handle_in
from server.explorer.blueprint import routes
from server.http.errors import refuse_invalid
from server.http.interactions import Interaction
from server.http.taking_in import kept
from server.lookup.stored import course_called
from server.problems import Problem
from server.service import service
from shared.clock import utc_now
from shared.events.event import ABOUT_COURSES
from shared.records import handle_key

LOOKS = 45
"""Every two seconds: longer than a whole round of `refresh --follow` keeps anybody waiting."""


def why_not() -> str:
    """Why whoever looks at this page may do nothing; "" if they may."""
    known = service()
    if "events" not in known.settings.server_roles:
        return "This server takes no events in (SERVER_ROLES)."
    if not known.events.are_kept:
        return "The store of this server keeps no events."
    try:
        require_right(request.environ[IDENTITY], "write")
    except Problem as problem:
        return problem.detail
    return ""


def next_look() -> int | None:
    """The number of the look that follows this one, on a page that somebody just did something on;
    None if there is none."""
    looked = request.args.get("looked", type=int)
    return looked + 1 if looked is not None and 0 <= looked < LOOKS else None


@routes.post("/users/did")
def did() -> Response:
    """Keep what the form says, and lead back to the user's page."""
    if reason := why_not():
        raise Problem("forbidden", reason)
    known = service()
    try:
        event = Interaction.model_validate(_body()).event(utc_now())
    except ValidationError as error:
        refuse_invalid(error)
    kept(known, known.tenant, [event])
    page = url_for("explorer.users", handle=handle_key(event.user), looked=0, _anchor="since")
    return redirect(page, 303)  # type: ignore[return-value]


def _body() -> dict[str, Any]:
    """Of an event, as it would be posted; courses are handles of the type that they have here."""
    known, form = service(), request.form
    kind, about = form.get("kind", ""), form.get("about", "").strip()
    body: dict[str, Any] = {
        "event_id": f"explorer-{uuid4()}",
        "user_handle": handle_in(form),
        "kind": kind,
    }
    if kind in ABOUT_COURSES:
        body["course_handle"] = course_called(known.live_view.current(known.tenant), about)
    else:
        body["interest_tag"] = about
    if kind == "rating":
        body["value"] = form.get("value", type=float)
    return body
