"""Tracking logs of Open edX: a JSON object a line, of the learner and the course in its context.

Left out are events of nobody, about no course, of the course team and of background tasks, and
those that somebody causes for somebody else. https://docs.openedx.org (Event Data).
"""

import re
from collections.abc import Iterator
from typing import Any

from generator.load.platforms.events import Event, event_tables, first_record
from generator.load.platforms.export import Export
from generator.load.readers.json_lines import Record, record_of
from generator.validation.raw_table import RawTable

NOBODY = "of nobody who is signed in"
NO_COURSE = "about no course"
TEAM = "of the course team"
TASK = "of a background task"
FOR_ANOTHER = "about another learner than its own"
LEFT = "that ends an enrollment"

COMPLETED = ("edx.certificate.created", "edx.course.grade.passed")
UNENROLLED = "edx.course.enrollment.deactivated"
# They say of whom they speak in the event itself.
ABOUT_LEARNERS = (*COMPLETED, "edx.course.enrollment")
TEAM_EVENTS = re.compile(
    r"edx\.(instructor|cohort)\."
    r"|/courses/[^/]+(/[^/]+/[^/]+)?/(instructor|instructor_dashboard)(/|$)"
    r"|(dump|list|rescore|reset|add|remove|delete-student|get-student|update-forum)-"
)
COURSE_IN_PATH = re.compile(r"/courses/([^/]+:[^/]+)")


def read(export: Export) -> list[RawTable]:
    return event_tables(export, events_of)


def recognises(export: Export) -> bool:
    record = first_record(export)
    return "event_type" in record and isinstance(record.get("context"), dict)


def events_of(record: Record) -> Iterator[Event | str]:
    context = _object(record.get("context"))
    kind = str(record.get("event_type") or record.get("name") or "")
    course = context.get("course_id") or _course_in(kind)
    user = _number(context.get("user_id"))
    payload = _object(record.get("event")) if kind.startswith(ABOUT_LEARNERS) else {}
    subject = _number(payload.get("user_id"))
    if kind.startswith(COMPLETED):
        # Staff or a task may give them.
        user = subject if subject not in (None, "") else user
    if user in (None, ""):
        yield NOBODY
    elif not course:
        yield NO_COURSE
    elif record.get("event_source") == "task" and not kind.startswith(COMPLETED):
        yield TASK
    elif TEAM_EVENTS.match(kind):
        yield TEAM
    elif subject not in (None, "") and subject != user:
        yield FOR_ANOTHER
    elif kind.startswith(UNENROLLED):
        yield LEFT
    else:
        yield {
            "user": user,
            "course": course,
            "time": record.get("time"),
            "completed": True if kind.startswith(COMPLETED) else None,
        }


def _number(user: Any) -> Any:
    """Some events write the number of a user as text."""
    return int(user) if isinstance(user, str) and user.isdecimal() else user


def _course_in(kind: str) -> str | None:
    found = COURSE_IN_PATH.match(kind)
    return found[1] if found else None


def _object(value: Any) -> dict[str, Any]:
    """An object, also one that was written as text."""
    if isinstance(value, str):
        value = record_of(value.encode(errors="replace"))
    return value if isinstance(value, dict) else {}
