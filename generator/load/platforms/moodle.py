"""Moodle's standard log (the table logstore_standard_log), and its courses if they are beside it.

Guests, the site's home, anonymous events, teaching and administrators logged in as somebody are
left out; view time is the time until the learner's next event. https://moodledev.io (Events API).
"""

from dataclasses import replace

import numpy as np

from generator.load.platforms.events import tables_of_events, with_every_column
from generator.load.platforms.export import Export
from generator.load.platforms.making import is_one_of, plain, table_of, texts
from generator.load.selection import without
from generator.validation.raw_table import RawTable
from shared.errors import DataError

NEEDED = ("userid", "courseid", "timecreated")
BESIDE = ("eventname", "edulevel", "anonymous", "realuserid", "relateduserid")
# Moodle's own: 0 is nobody, 1 the guest, -1 the command line; course 1 is the site's home.
GUESTS = ("", "0", "1", "-1", "-10", "-20")
NO_COURSE = ("", "0", "1")
TEACHING = "1"
COMPLETED = r"\core\event\course_completed"


def read(export: Export) -> list[RawTable]:
    """Raises DataError for the report that Moodle shows on its pages: it has names, and no ids."""
    paths = export.with_columns(NEEDED)
    if not paths:
        raise DataError(
            f"{export.folder.label} has no file with the columns {', '.join(NEEDED)}: export the "
            "table logstore_standard_log from the database; the report on Moodle's pages names "
            "people and not their ids."
        )
    return [*tables_of_events(_events(export, paths), export.view_gap_seconds), *_courses(export)]


def recognises(export: Export) -> bool:
    return bool(export.with_columns([*NEEDED, "eventname"]))


def _events(export: Export, paths: list[str]) -> RawTable:
    raw = export.rows(paths, NEEDED, BESIDE)
    completed = is_one_of(raw.frame["eventname"], COMPLETED)
    of_another = completed & ~is_one_of(raw.frame["relateduserid"], *GUESTS)
    users = np.where(of_another, texts(raw.frame["relateduserid"]), texts(raw.frame["userid"]))
    frame = raw.frame.assign(
        user=plain(users),
        completed=plain(np.where(completed, "true", "").astype(object)),
        course=raw.frame["courseid"],
        time=raw.frame["timecreated"],
    )
    raw = replace(raw, frame=frame)
    raw = without(raw, is_one_of(raw.frame["user"], *GUESTS), "of guests or of nobody")
    raw = without(raw, is_one_of(raw.frame["course"], *NO_COURSE), "outside of any course")
    raw = without(raw, is_one_of(raw.frame["anonymous"], "1"), "that shall stay anonymous")
    teaching = is_one_of(raw.frame["edulevel"], TEACHING) & (raw.frame["completed"] == "")
    raw = without(raw, teaching.to_numpy(), "of teachers")
    by_another = ~is_one_of(raw.frame["realuserid"], "", "0") & (
        texts(raw.frame["realuserid"]) != texts(raw.frame["userid"])
    )
    raw = without(raw, by_another, "of somebody who was logged in as another")
    return with_every_column(raw)


def _courses(export: Export) -> list[RawTable]:
    paths = export.with_columns(["id", "fullname"])
    if not paths:
        return []
    raw = export.rows(paths, ("id", "fullname"), ("summary", "category"))
    raw = without(raw, is_one_of(raw.frame["id"], *NO_COURSE), "that is the site's home")
    frame = raw.frame
    columns = {"course_id": frame["id"], "title": frame["fullname"]}
    return [
        table_of(
            raw,
            "courses",
            {**columns, "description": frame["summary"], "category": frame["category"]},
        )
    ]
