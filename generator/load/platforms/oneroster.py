"""OneRoster CSV 1.1 and 1.2 (1EdTech): enrollments of students in classes of courses, and results.

What is marked `tobedeleted` is left out, and so is everybody but students.
"""

import numpy as np
import pandas as pd

from generator.load.platforms.export import Export
from generator.load.platforms.making import (
    is_one_of,
    looked_up,
    plain,
    table_of,
    texts,
    weighed,
    with_lookups,
)
from generator.load.selection import without
from generator.load.tags import tags_of
from generator.validation.raw_table import RawTable

DELETED = "that is to be deleted"
NO_STUDENT = "of others than students"
SUBJECT_SIGN = ","
ENROLLMENT = ("classsourcedid", "usersourcedid", "role")


def read(export: Export) -> list[RawTable]:
    """Raises DataError without enrollments.csv or classes.csv, or a column of theirs."""
    enrollments = export.named("enrollments")
    if not enrollments:
        raise export.lacks("enrollments.csv")
    classes = _needed(export, "classes", "sourcedid", "coursesourcedid")
    courses = _rows(export, "courses", ("sourcedid",), ("title", "coursecode", "subjects"))
    tables = [_views(_needed(export, "enrollments", *ENROLLMENT), classes)]
    if courses is not None:
        tables += _courses(courses)
    users = _rows(export, "users", ("sourcedid",), ("role", "grades", "orgsourcedids"))
    if users is not None:
        tables.append(_users(export, users))
    return tables + _results(export, classes, courses)


def recognises(export: Export) -> bool:
    paths = export.named("enrollments")
    return bool(paths) and "userSourcedId" in export.columns(paths[0])


def _views(enrollments: RawTable, classes: RawTable) -> RawTable:
    raw = without(enrollments, ~is_one_of(enrollments.frame["role"], "student"), NO_STUDENT)
    frame, known = raw.frame, classes.frame
    views = table_of(
        raw,
        "user_course_views",
        {
            "user_handle": frame["usersourcedid"],
            "course_id": looked_up(
                frame["classsourcedid"], known["sourcedid"], known["coursesourcedid"]
            ),
            "view_date": frame["begindate"],
        },
    )
    return with_lookups(weighed(views), classes)


def _courses(courses: RawTable) -> list[RawTable]:
    frame = courses.frame
    handles, subjects = frame["sourcedid"], frame["subjects"]
    columns = {"course_id": handles, "title": frame["title"], "course_code": frame["coursecode"]}
    return [
        table_of(courses, "courses", columns),
        tags_of(courses, handles, subjects, SUBJECT_SIGN),
    ]


def _users(export: Export, users: RawTable) -> RawTable:
    """Version 1.2 has the roles in a file of their own."""
    roles = _rows(export, "roles", ("usersourcedid", "role"), ())
    are_students = is_one_of(users.frame["role"], "student")
    if roles is not None:
        held = roles.frame[is_one_of(roles.frame["role"], "student")]
        are_students |= np.isin(texts(users.frame["sourcedid"]), texts(held["usersourcedid"]))
    raw = without(users, ~are_students, NO_STUDENT)
    frame = raw.frame
    columns = {"user_handle": frame["sourcedid"], "grades": frame["grades"]}
    columns["organisation"] = frame["orgsourcedids"]
    return with_lookups(table_of(raw, "users", columns), roles)


def _results(export: Export, classes: RawTable, courses: RawTable | None) -> list[RawTable]:
    """Scores of students, under the title of the course that was tested, or the line item's."""
    needed = ("lineitemsourcedid", "studentsourcedid", "score")
    raw = _rows(export, "results", needed, ("scoredate",))
    items = _rows(export, "lineitems", ("sourcedid", "classsourcedid"), ("title",))
    if raw is None or items is None:
        return []
    raw = without(raw, is_one_of(raw.frame["score"], ""), "without a score")
    results, known = raw.frame, items.frame
    title = looked_up(results["lineitemsourcedid"], known["sourcedid"], known["title"])
    if courses is not None:
        item = results["lineitemsourcedid"]
        taught = looked_up(item, known["sourcedid"], known["classsourcedid"])
        title = _course_titles(pd.Series(taught), classes, courses).where(lambda t: t != "", title)
    columns = {
        "user_handle": results["studentsourcedid"],
        "assessment_tag": plain(np.asarray(title, dtype=object)),
        "user_assessment_date": results["scoredate"],
        "user_assessment_score": results["score"],
    }
    return [with_lookups(table_of(raw, "user_assessment_scores", columns), items)]


def _course_titles(taught: pd.Series, classes: RawTable, courses: RawTable) -> pd.Series:
    course = looked_up(taught, classes.frame["sourcedid"], classes.frame["coursesourcedid"])
    titles = looked_up(pd.Series(course), courses.frame["sourcedid"], courses.frame["title"])
    return pd.Series(titles).astype(object)


def _needed(export: Export, name: str, *columns: str) -> RawTable:
    raw = _rows(export, name, columns, ("begindate",))
    if raw is None:
        raise export.lacks(f"{name}.csv")
    return raw


def _rows(
    export: Export, name: str, needed: tuple[str, ...], beside: tuple[str, ...]
) -> RawTable | None:
    """Without what is to be deleted."""
    paths = export.named(name)
    if not paths:
        return None
    raw = export.rows(paths, needed, (*beside, "status"))
    return without(raw, is_one_of(raw.frame["status"], "tobedeleted"), DELETED)
