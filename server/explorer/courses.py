"""One course: its picture and text, what every model lists for it side by side, and why."""

from flask import render_template

from server.explorer.blueprint import routes
from server.explorer.pictures import picture_source
from server.explorer.side_by_side import entry_overlaps, sides_of
from server.explorer.titles import Titles
from server.explorer.users import ENTRIES, courses_named, handle_asked
from server.lookup.stored import facts_of
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.records import Handle


@routes.get("/courses")
def courses() -> str:
    known = service()
    return known.live_view.read(known.tenant, _page)


def _page(live: LiveGeneration) -> str:
    handle = handle_asked()
    if handle is None:
        handle = live.manifest.example_course_handle
    course = None if handle is None else facts_of(live, "course", [handle]).get(handle)
    if handle is None or course is None:
        return render_template("explorer/no_course.html", live=live, handle=handle)
    facts = course.facts
    lists = sides_of(live, "course", handle, ENTRIES)
    duplicates: list[Handle] = facts.get("duplicates", [])
    titles = Titles(live)
    titles.load(courses_named(lists) | {handle, *duplicates})
    return render_template(
        "explorer/course.html",
        live=live,
        handle=handle,
        facts=facts,
        picture=picture_source(handle, facts.get("picture", ""), service().settings),
        lists=lists,
        overlaps={kind: entry_overlaps(sides) for kind, sides in lists.items()},
        titles=titles,
    )
