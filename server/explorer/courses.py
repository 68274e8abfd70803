"""Find a course; see its picture and text, what the API answers, and what every model lists."""

from flask import Response, render_template, request

from server.explorer.answered import answered
from server.explorer.asked import handle_asked
from server.explorer.blueprint import routes
from server.explorer.browsing import look_asked
from server.explorer.directory import Directory
from server.explorer.exports import exported, format_asked
from server.explorer.facets import Facets, keys_of_words
from server.explorer.pictures import picture_source
from server.explorer.side_by_side import RECORD_FIELDS, entry_overlaps, records_of, sides_of
from server.explorer.titles import Titles
from server.explorer.users import ENTRIES, courses_named
from server.lookup.stored import facts_of, viewers_of
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.records import Handle


@routes.get("/courses")
def courses() -> Response | str:
    known = service()
    return known.live_view.read(known.tenant, _page)


def _page(live: LiveGeneration) -> Response | str:
    handle = handle_asked()
    return _all_courses_page(live) if handle is None else _course_page(live, handle)


def _all_courses_page(live: LiveGeneration) -> str:
    directory = Directory(live, "course")
    asked = request.args.getlist("only") + keys_of_words(request.args.get("words", ""))
    facets = Facets(live, asked if directory.can_be_narrowed else [])
    chosen = facets.chosen
    look = look_asked(directory, chosen)
    facts = facts_of(live, "course", [entry.handle for entry in look.entries])
    return render_template(
        "explorer/all_courses.html",
        live=live,
        directory=directory,
        look=look,
        facts=facts,
        facets=facets,
        left=live.manifest.courses if chosen is None else chosen.bit_count(),
        counted=facets.counted(row.facts for row in facts.values()),
        example=live.manifest.example_course_handle,
    )


def _course_page(live: LiveGeneration, handle: Handle) -> Response | str:
    live = service().fresh.over(live, [handle])
    course = facts_of(live, "course", [handle]).get(handle)
    if course is None:
        return render_template("explorer/no_course.html", live=live, handle=handle)
    lists = sides_of(live, "course", handle, ENTRIES)
    if form := format_asked():
        return exported(form, "course", RECORD_FIELDS, records_of(lists, handle))
    facts = course.facts
    answers = answered(live, "course", handle, service().settings.answered_list_length)
    duplicates: list[Handle] = facts.get("duplicates", [])
    followers = {follower for path in facts.get("pathways", []) for follower in path["courses"]}
    titles = Titles(live)
    titles.load(
        courses_named(lists)
        | {named for answer in answers for named in answer.courses_named}
        | {handle, *duplicates, *followers}
    )
    return render_template(
        "explorer/course.html",
        live=live,
        handle=handle,
        facts=facts,
        viewers=viewers_of(live, handle),
        picture=picture_source(handle, facts.get("picture", ""), service().settings),
        answers=answers,
        lists=lists,
        overlaps={kind: entry_overlaps(sides) for kind, sides in lists.items()},
        titles=titles,
        can_be_chosen_by=Facets(live, ()).names,
    )
