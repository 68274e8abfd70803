"""Find a user; see what every model lists for them, side by side, and why."""

import orjson
from flask import render_template, request

from server.explorer.blueprint import routes
from server.explorer.directory import handles_beginning
from server.explorer.side_by_side import Side, entry_overlaps, profile_of, sides_of
from server.explorer.titles import Titles
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.kinds import Kind
from shared.records import Handle, is_handle

FOUND_AT_ONCE = 12
ENTRIES = 10


@routes.get("/")
@routes.get("/users")
def users() -> str:
    known = service()
    return known.live_view.read(known.tenant, _users_page)


@routes.get("/handles")
def handles() -> str:
    """A part of a page: links to the users whose handle begins so."""
    known = service()
    typed = request.args.get("typed", "").strip()
    found = known.live_view.read(known.tenant, lambda live: _beginning(live, typed))
    return render_template("explorer/handles.html", typed=typed, handles=found)


def handle_asked() -> Handle | None:
    """The handle of the address: JSON, so that 999 and "999" stay two users."""
    text = request.args.get("handle")
    if text is None:
        return None
    try:
        handle = orjson.loads(text)
    except orjson.JSONDecodeError:
        handle = None
    if not is_handle(handle):
        raise Problem("bad-request", '`handle` must be a handle as JSON: 999 or "ada".')
    found: Handle = handle
    return found


def _users_page(live: LiveGeneration) -> str:
    handle, typed = handle_asked(), request.args.get("typed", "").strip()
    if handle is None:
        example = live.manifest.example_user_handle
        found = _beginning(live, typed) if typed else []
        return render_template(
            "explorer/search.html", live=live, typed=typed, handles=found, example=example
        )
    profile = profile_of(live, handle)
    lists = sides_of(live, "user", handle, ENTRIES)
    titles = Titles(live)
    titles.load(courses_named(lists) | set(profile.courses if profile else []))
    return render_template(
        "explorer/user.html",
        live=live,
        handle=handle,
        typed=typed,
        profile=profile,
        lists=lists,
        overlaps={kind: entry_overlaps(sides) for kind, sides in lists.items()},
        titles=titles,
        is_known=profile is not None or any(side.row for sides in lists.values() for side in sides),
    )


def _beginning(live: LiveGeneration, typed: str) -> list[Handle]:
    return handles_beginning(live, typed, FOUND_AT_ONCE) if typed else []


def courses_named(lists: dict[Kind, list[Side]]) -> set[Handle]:
    return {course for sides in lists.values() for side in sides for course in side.courses_named}
