"""Tables of Canvas: enrollments, courses and page views, as Canvas Data 2 (`web_logs`), Canvas Data
1 (`requests`) or the REST API (page views) write them, with `key.` and `value.` or without.

Only enrollments of students count, and page views of courses in which somebody is a student. View
time is `interaction_seconds`, else the time until the learner's next page.
"""

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.load.platforms.events import tables_of_events, with_every_column
from generator.load.platforms.export import Export
from generator.load.platforms.making import is_one_of, plain, table_of, texts, weighed
from generator.load.platforms.wanted import bare
from generator.load.selection import without
from generator.validation.raw_table import RawTable

ENROLLMENTS = r"(canvas[-_.])?enrollments?(_dim|_fact)?([-_.].*)?"
COURSES = r"(canvas[-_.])?courses?(_dim)?([-_.].*)?"
PAGE_VIEWS = r"(canvas[-_.])?(web_?logs?|page_?views?|requests?)([-_.].*)?"
STUDENT = ("studentenrollment", "student")
NOT_ENROLLED = ("deleted", "rejected", "inactive")
GONE = ("deleted",)
COURSE_IN_URL = re.compile(r"/courses/(\d+)")
TIMES = ("timestamp", "createdat")
WHO_AND_WHERE = (
    *("userid", "linksuser", "realuserid", "linksrealuser"),
    *("courseid", "contexttype", "contextid", "linkscontext", "url"),
)
HOW_LONG = ("interactionseconds", "interactionmicros")


def read(export: Export) -> list[RawTable]:
    """Raises DataError if there are neither enrollments nor page views."""
    enrolled = _enrollments(export)
    viewed = _page_views(export, enrolled)
    if enrolled is None and viewed is None:
        raise export.lacks("enrollments and no page views (web_logs, page_views or requests)")
    tables = [] if viewed is None else tables_of_events(viewed, export.view_gap_seconds)
    if enrolled is not None:
        tables.append(_views_of(enrolled, with_page_views=viewed is not None))
    return [*tables, *_courses(export)]


def recognises(export: Export) -> bool:
    enrollments = export.named(ENROLLMENTS)
    named = {_named(name) for path in enrollments[:1] for name in export.columns(path)}
    return {"userid", "courseid", "type"} <= named or bool(export.named(r"web_?logs?"))


def _enrollments(export: Export) -> RawTable | None:
    paths = export.named(ENROLLMENTS)
    if not paths:
        return None
    beside = ("workflowstate", "enrollmentstate", "createdat", "totalactivitytime")
    raw = export.rows(paths, ("userid", "courseid", "type"), beside, _named)
    raw = without(raw, ~is_one_of(raw.frame["type"], *STUDENT), "of others than students")
    gone = is_one_of(raw.frame["workflowstate"], *NOT_ENROLLED) | is_one_of(
        raw.frame["enrollmentstate"], *NOT_ENROLLED
    )
    return without(raw, gone, "that is deleted, rejected or inactive")


def _views_of(enrolled: RawTable, with_page_views: bool) -> RawTable:
    """As long as their activity in all, where Canvas says that, and page views do not; without
    either an enrollment has a weight."""
    frame = enrolled.frame
    activity = texts(frame["totalactivitytime"])
    is_measured = with_page_views or bool((activity != "").any())
    seconds = np.where(with_page_views | (activity == ""), "0", activity)
    views = table_of(
        enrolled,
        "user_course_views",
        {
            "user_handle": frame["userid"],
            "course_id": frame["courseid"],
            "view_date": frame["createdat"],
            "view_time_seconds": plain(seconds) if is_measured else "",
        },
    )
    return views if is_measured else weighed(views)


def _page_views(export: Export, enrolled: RawTable | None) -> RawTable | None:
    paths = export.named(PAGE_VIEWS)
    if not paths:
        return None
    raw = export.rows(paths, (), (*TIMES, *WHO_AND_WHERE, *HOW_LONG), _named)
    frame = raw.frame
    seconds = texts(frame["interactionseconds"])
    micros = texts(frame["interactionmicros"])
    seconds = np.where(seconds == "", [_seconds(text) for text in micros], seconds)
    columns = {
        "user": plain(_first_filled(raw, "userid", "linksuser")),
        "course": plain(_course_of(raw)),
        "time": plain(_first_filled(raw, *TIMES)),
        "seconds": plain(seconds),
        "real": plain(_first_filled(raw, "realuserid", "linksrealuser")),
    }
    raw = replace(raw, frame=frame[[]].assign(**columns))
    raw = with_every_column(raw)
    raw = without(raw, is_one_of(raw.frame["user"], ""), "of nobody who is signed in")
    raw = without(raw, is_one_of(raw.frame["course"], ""), "outside of any course")
    real = texts(raw.frame["real"])
    masked = (real != "") & (real != texts(raw.frame["user"]))
    raw = without(raw, masked, "of somebody who acted as another")
    if enrolled is not None:
        raw = without(raw, ~_are_students(raw, enrolled), "of others than students of the course")
    return raw


def _course_of(raw: RawTable) -> NDArray[np.object_]:
    """The column, or the context of that kind, or what the address names."""
    frame = raw.frame
    in_course = is_one_of(frame["contexttype"], "course")
    context = np.where(in_course, _first_filled(raw, "contextid", "linkscontext"), "")
    named = [COURSE_IN_URL.search(url) for url in frame["url"].cat.categories]
    in_url = np.array([found[1] if found else "" for found in named], dtype=object)
    course = texts(frame["courseid"])
    course = np.where(course == "", context, course)
    return np.where(course == "", in_url[frame["url"].cat.codes.to_numpy()], course)


def _are_students(raw: RawTable, enrolled: RawTable) -> NDArray[np.bool_]:
    """Whether the viewer has an enrollment as a student in the course."""
    enrollments = enrolled.frame
    pairs = set(zip(texts(enrollments["userid"]), texts(enrollments["courseid"]), strict=True))
    viewed = zip(texts(raw.frame["user"]), texts(raw.frame["course"]), strict=True)
    return np.fromiter((pair in pairs for pair in viewed), bool, len(raw.frame))


def _courses(export: Export) -> list[RawTable]:
    paths = export.named(COURSES)
    if not paths:
        return []
    beside = ("name", "coursecode", "publicdescription", "workflowstate")
    raw = export.rows(paths, ("id",), beside, _named)
    raw = without(raw, is_one_of(raw.frame["workflowstate"], *GONE), "that is deleted")
    frame = raw.frame
    return [
        table_of(
            raw,
            "courses",
            {
                "course_id": frame["id"],
                "title": frame["name"],
                "description": frame["publicdescription"],
            },
        )
    ]


def _first_filled(raw: RawTable, *names: str) -> NDArray[np.object_]:
    values = texts(raw.frame[names[0]])
    for name in names[1:]:
        values = np.where(values == "", texts(raw.frame[name]), values)
    return values


def _seconds(micros: str) -> str:
    try:
        return f"{float(micros) / 1e6:.12g}" if micros else ""
    except ValueError:
        return micros


def _named(name: str) -> str:
    return bare(re.sub(r"^(key|value)\.", "", name))
