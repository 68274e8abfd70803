"""Find a user; see what the API answers for them, and what every model lists, side by side."""

from flask import Response, render_template, request, url_for

from server.explorer.answered import answered
from server.explorer.asked import handle_asked
from server.explorer.blueprint import routes
from server.explorer.browsing import look_asked
from server.explorer.directory import Directory
from server.explorer.doing import next_look, why_not
from server.explorer.exports import exported, format_asked
from server.explorer.side_by_side import (
    RECORD_FIELDS,
    Side,
    entry_overlaps,
    profile_of,
    records_of,
    sides_of,
)
from server.explorer.since import EVENTS, SinceTheTables
from server.explorer.titles import Titles
from server.lookup.stored import facts_rows, known_among
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.kinds import Kind
from shared.records import USER_PROFILE, Handle, handle_key, is_handle

FOUND_AT_ONCE = 12
ENTRIES = 10


@routes.get("/")
@routes.get("/users")
def users() -> Response | str:
    known = service()
    return known.live_view.read(known.tenant, _users_page)


@routes.get("/users/all")
def all_users() -> Response | str:
    known = service()
    return known.live_view.read(known.tenant, _all_users_page)


@routes.get("/handles")
def handles() -> str:
    """A part of a page: links to the users whose handle begins so."""
    known = service()
    typed = request.args.get("typed", "").strip()
    found = known.live_view.read(known.tenant, lambda live: _beginning(live, typed))
    return render_template("explorer/handles.html", typed=typed, handles=found)


def _users_page(live: LiveGeneration) -> Response | str:
    handle, typed = handle_asked(), request.args.get("typed", "").strip()
    if handle is not None:
        return _user_page(live, handle)
    meant = _called(live, typed) if typed else None
    if meant is not None:
        address = url_for("explorer.users", handle=handle_key(meant))
        return Response(status=303, headers={"Location": address})
    return render_template(
        "explorer/search.html",
        live=live,
        typed=typed,
        handles=_beginning(live, typed) if typed else [],
        example=live.manifest.example_user_handle,
        can_be_browsed=Directory(live, "user").is_there,
    )


def _user_page(night: LiveGeneration, handle: Handle) -> Response | str:
    known = service()
    live = known.fresh.over(night, [handle])
    lists = sides_of(live, "user", handle, ENTRIES)
    if form := format_asked():
        return exported(form, "user", RECORD_FIELDS, records_of(lists, handle))
    profile = profile_of(live, handle)
    done, limit = known.events.since(known.tenant, [handle]), known.settings.answered_list_length
    answers = answered(live, "user", handle, limit, done)
    events = known.events.latest(known.tenant, handle, EVENTS)
    before = answered(night, "user", handle, limit) if events else answers
    since = SinceTheTables.of(events, before, answers)
    titles = Titles(live)
    titles.load(
        courses_named(lists)
        | {course for answer in answers for course in answer.courses_named}
        | set(profile.courses if profile else [])
        | since.courses_named
    )
    return render_template(
        "explorer/user.html",
        live=live,
        handle=handle,
        profile=profile,
        answers=answers,
        lists=lists,
        overlaps={kind: entry_overlaps(sides) for kind, sides in lists.items()},
        titles=titles,
        since=since,
        why_not=why_not(),
        next_look=None if since.is_followed else next_look(),
        is_known=profile is not None or any(side.row for sides in lists.values() for side in sides),
    )


def _all_users_page(live: LiveGeneration) -> str:
    directory = Directory(live, "user")
    look = look_asked(directory)
    rows = facts_rows(live, USER_PROFILE, [entry.handle for entry in look.entries])
    return render_template(
        "explorer/all_users.html",
        live=live,
        look=look,
        profiles={user: row.facts for user, row in rows.items()},
        directory=directory,
    )


def _called(live: LiveGeneration, typed: str) -> Handle | None:
    """The user of just this handle; of those that differ in upper and lower case alone, the only
    one. None if there is none, or no saying which."""
    is_number = live.manifest.user_handle_type == "int"
    exact = int(typed) if is_number and typed.isascii() and typed.isdigit() else typed
    if is_handle(exact) and known_among(live, "user", [exact]):
        return exact
    alike = [h for h in _beginning(live, typed) if str(h).casefold() == typed.casefold()]
    return alike[0] if len(alike) == 1 else None


def _beginning(live: LiveGeneration, typed: str) -> list[Handle]:
    if not typed:
        return []
    found = Directory(live, "user").beginning(typed, FOUND_AT_ONCE)
    return [entry.handle for entry in found]


def courses_named(lists: dict[Kind, list[Side]]) -> set[Handle]:
    return {course for sides in lists.values() for side in sides for course in side.courses_named}
