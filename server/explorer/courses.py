"""One course: what is known of it, what every model lists for it, side by side."""

from flask import render_template

from server.explorer.blueprint import routes
from server.explorer.side_by_side import entry_overlaps, sides_of
from server.explorer.titles import Titles
from server.explorer.users import ENTRIES, courses_named, handle_asked
from server.lookup.stored import facts_of
from server.reading.live_view import LiveGeneration
from server.service import service


@routes.get("/courses")
def courses() -> str:
    known = service()
    return known.live_view.read(known.tenant, _page)


def _page(live: LiveGeneration) -> str:
    handle = handle_asked()
    if handle is None:
        handle = live.manifest.example_course_handle
    course = facts_of(live, "course", [] if handle is None else [handle]).get(handle or 0)
    lists = sides_of(live, "course", handle, ENTRIES) if course and handle is not None else {}
    titles = Titles(live)
    titles.load(courses_named(lists) | ({handle} if handle is not None else set()))
    return render_template(
        "explorer/course.html",
        live=live,
        handle=handle,
        facts=course.facts if course else None,
        lists=lists,
        overlaps={kind: entry_overlaps(sides) for kind, sides in lists.items()},
        titles=titles,
    )
