"""Statements of the Experience API, a line each or in an array (IEEE 9274.1.1, ADL xAPI 1.0.3).

A learner is their account with its home page, `17@https://lms.example`, else their mail address,
its hash, or their OpenID. The course is the object, if that is one, else the first course among
the context's activities; an object that does not say what it is counts as one.
"""

import re
from collections.abc import Iterator
from typing import Any

from generator.load.platforms.events import Event, event_tables, first_record
from generator.load.platforms.export import Export
from generator.load.readers.json_lines import Record
from generator.validation.raw_table import RawTable

NOBODY = "of no single learner"
NO_COURSE = "about no course"
VOIDING = "that void another statement"
COURSE_TYPE = re.compile(r"(^|[/#])course(-?offering)?$", re.IGNORECASE)
CONTEXTS = ("parent", "grouping", "category", "other")
COMPLETED = ("completed", "passed", "mastered")
LIKE = ("object", "verb", "actor")
DURATION = re.compile(
    r"P(?:(?P<years>[\d.]+)Y)?(?:(?P<months>[\d.]+)M)?(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)
SECONDS_OF = {
    "years": 365 * 86400,
    "months": 30 * 86400,
    "weeks": 7 * 86400,
    "days": 86400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
}


def read(export: Export) -> list[RawTable]:
    statements = Statements()
    return event_tables(export, statements.events_of, statements.voided)


def recognises(export: Export) -> bool:
    record = next(iter(unwrapped(first_record(export))), {})
    return all(isinstance(record.get(name), dict) for name in LIKE) and "id" in record["verb"]


class Statements:
    """Reads statements, and remembers which of them others make void."""

    def __init__(self) -> None:
        self.voided: set[str] = set()

    def events_of(self, record: Record) -> Iterator[Event | str]:
        for statement in unwrapped(record):
            yield self._event(statement)

    def _event(self, statement: Record) -> Event | str:
        verb = str(_part(statement, "verb").get("id") or "").rstrip("/").rpartition("/")[2]
        if verb == "voided":
            self.voided.add(str(_part(statement, "object").get("id")))
            return VOIDING
        user, course = learner_of(_part(statement, "actor")), _course(statement)
        if user is None:
            return NOBODY
        if course is None:
            return NO_COURSE
        result, title = _part(statement, "result"), _title(course)
        is_course = course.get("id") == _part(statement, "object").get("id")
        completed = result.get("completion") is True or verb in COMPLETED
        return {
            "user": user,
            "course": course["id"],
            "time": statement.get("timestamp") or statement.get("stored"),
            "seconds": seconds_of(result.get("duration")),
            # What is part of a course may be completed without it.
            "completed": True if completed and is_course else None,
            "score": _score(_part(result, "score")),
            "tag": _title(_part(statement, "object")) or _part(statement, "object").get("id"),
            "title": title,
            "id": statement.get("id"),
        }


def unwrapped(record: Record) -> list[Record]:
    """The statements of a line: itself, those that an answer lists, or what a store has around."""
    listed = record.get("statements")
    if isinstance(listed, list):
        return [statement for statement in listed if isinstance(statement, dict)]
    inner = record.get("statement")
    return [inner] if isinstance(inner, dict) and "actor" not in record else [record]


def learner_of(actor: Record) -> str | None:
    """None for groups, and for those who have no name that can be found again."""
    account = _part(actor, "account")
    if actor.get("objectType") == "Group":
        return None
    if account.get("name") not in (None, ""):
        return f"{account['name']}@{account.get('homePage', '')}".removesuffix("@")
    mail = actor.get("mbox")
    if isinstance(mail, str) and mail:
        return mail.removeprefix("mailto:")
    name = actor.get("mbox_sha1sum") or actor.get("openid")
    return str(name) if name else None


def seconds_of(duration: Any) -> str | None:
    """PT45M is 2700; a text that is no duration of ISO 8601 stays, and is set aside as it is."""
    if duration in (None, ""):
        return None
    parts = DURATION.fullmatch(str(duration).strip())
    if parts is None or not any(parts.groupdict().values()):
        return str(duration)
    try:
        seconds = sum(float(n) * SECONDS_OF[unit] for unit, n in parts.groupdict().items() if n)
    except ValueError:
        return str(duration)
    return f"{seconds:.12g}"


def _course(statement: Record) -> Record | None:
    subject = _part(statement, "object")
    kind = _kind(subject)
    is_activity = subject.get("objectType", "Activity") == "Activity" and bool(subject.get("id"))
    if is_activity and COURSE_TYPE.search(kind):
        return subject
    activities = _part(_part(statement, "context"), "contextActivities")
    for name in CONTEXTS:
        among = activities.get(name)
        for activity in among if isinstance(among, list) else [among]:
            if isinstance(activity, dict) and COURSE_TYPE.search(_kind(activity)):
                return activity if activity.get("id") else None
    return subject if is_activity and not kind else None


def _kind(activity: Record) -> str:
    return str(_part(activity, "definition").get("type") or "").rstrip("/")


def _title(activity: Record) -> str | None:
    """Of several languages the first."""
    names = _part(activity, "definition").get("name")
    return next((str(name) for name in names.values()), None) if isinstance(names, dict) else None


def _score(score: Record) -> Any:
    """From 0 to 1 (or -1) where that can be said, else as it is."""
    if score.get("scaled") is not None:
        return score["scaled"]
    raw, most, least = score.get("raw"), score.get("max"), score.get("min", 0)
    numbers = all(isinstance(number, int | float) for number in (raw, most, least))
    return (raw - least) / (most - least) if numbers and most > least else raw


def _part(record: Record, name: str) -> Record:
    part = record.get(name)
    return part if isinstance(part, dict) else {}
