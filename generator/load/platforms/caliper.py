"""Caliper events (1EdTech Caliper Analytics 1.0 to 1.2), in their envelopes or without.

The learner is the actor, or whose attempt is graded; the course is the event's group, the offering
that it belongs to, or the object, if it is a course.
"""

from collections.abc import Iterator
from typing import Any

from generator.load.platforms.events import Event, event_tables, first_record
from generator.load.platforms.export import Export
from generator.load.platforms.xapi import seconds_of
from generator.load.readers.json_lines import Record
from generator.validation.raw_table import RawTable

NOBODY = "of no person"
NO_COURSE = "about no course"
NO_LEARNER = "of somebody who teaches"
DESCRIPTION = "that describe and are no events"
COURSES = ("CourseSection", "CourseOffering")
TEACHING = ("Instructor", "TeachingAssistant", "Administrator", "ContentDeveloper", "Mentor")


def read(export: Export) -> list[RawTable]:
    return event_tables(export, events_of)


def recognises(export: Export) -> bool:
    record = first_record(export)
    if {"sensor", "data"} <= record.keys():
        return True
    return "eventTime" in record and "actor" in record and "action" in record


def events_of(record: Record) -> Iterator[Event | str]:
    data = record.get("data")
    for event in data if isinstance(data, list) else [data if "sensor" in record else record]:
        yield _event(event) if isinstance(event, dict) else DESCRIPTION


def _event(event: Record) -> Event | str:
    if "actor" not in event or "eventTime" not in event:
        return DESCRIPTION
    score = _part(event, "generated") if _kind(_part(event, "generated")) == "Score" else {}
    attempt = _part(score, "attempt") or _part(event, "object")
    # Whoever grades is the actor, a program perhaps.
    actor = _entity(attempt.get("assignee")) if score else _entity(event.get("actor"))
    course = _course(event)
    if not actor.get("id") or _kind(actor) not in ("Person", ""):
        return NOBODY
    if not score and _teaches(_part(event, "membership")):
        return NO_LEARNER
    if course is None:
        return NO_COURSE
    tested = _entity(attempt.get("assignable"))
    return {
        "user": actor["id"],
        "course": course["id"],
        "time": event["eventTime"],
        "seconds": seconds_of(_part(event, "generated").get("duration") or event.get("duration")),
        "completed": True if _completes(event, course) else None,
        "score": _share(score),
        "tag": tested.get("name") or tested.get("id"),
        "title": course.get("name"),
        "id": event.get("id") or event.get("uuid"),
    }


def _course(event: Record) -> Record | None:
    for name in ("group", "object", "target"):
        entity = _entity(event.get(name))
        for place in (entity, _part(entity, "isPartOf"), _part(entity, "subOrganizationOf")):
            if place.get("id") and _kind(place) in COURSES:
                above = _part(place, "subOrganizationOf")
                return above if _kind(above) == "CourseOffering" and above.get("id") else place
    return None


def _share(score: Record) -> Any:
    """From 0 to 1 where the most that can be reached is known."""
    given, most = score.get("scoreGiven"), score.get("maxScore")
    if isinstance(given, int | float) and isinstance(most, int | float) and most > 0:
        return given / most
    return given


def _teaches(membership: Record) -> bool:
    roles = membership.get("roles")
    kinds = {str(role).rpartition("#")[2].rpartition("/")[2] for role in roles or []}
    return bool(kinds & {*TEACHING}) and "Learner" not in kinds


def _completes(event: Record, course: Record) -> bool:
    """The course itself: what is part of it may be completed without it."""
    about_course = bool(course["id"] == _part(event, "object").get("id"))
    return about_course and event.get("action") == "Completed"


def _entity(value: Any) -> Record:
    """An entity, which may be its identifier alone, and which Caliper 1.0 spells with @."""
    if isinstance(value, str):
        return {"id": value}
    if not isinstance(value, dict):
        return {}
    return {**value, "id": value.get("id") or value.get("@id")}


def _part(record: Record, name: str) -> Record:
    return _entity(record.get(name))


def _kind(entity: Record) -> str:
    kind = str(entity.get("type") or entity.get("@type") or "")
    return kind.rpartition("/")[2].rpartition("#")[2]
