"""Datasets written down by hand: rows in, as validation would leave them, matrices out."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.validation.columns import TABLES
from shared.records import Handle
from tests.pictures import picture_of

Rows = Iterable[tuple]


def make_dataset(
    interests: Sequence[tuple[Handle, str]] = (),
    views: Sequence[tuple[Handle, Handle, float, str]] = (),
    course_tags: Sequence[tuple[Handle, str]] = (),
    users: Sequence[Handle] = (),
    courses: Sequence[Handle] = (),
    completions: Sequence[tuple[Handle, Handle]] = (),
    like: Dataset | None = None,
) -> Dataset:
    """`views`: (user, course, seconds, level); `users` and `courses`: idle ones; `completions`:
    (user, course); `like`: whose courses, tags and levels are taken.

    A course with a tag has a picture, in the colour of the first two words of its first tag, and
    whoever follows a tag has been assessed in it, all with the same score.
    """
    subject_of = {course: " ".join(tag.split()[:2]) for course, tag in reversed(course_tags)}
    pictured = [(course, picture_of(subject)) for course, subject in subject_of.items()]
    return build_dataset(
        {
            "user_interests": table("user_interests", "user_handle interest_tag", interests),
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "course_tags": table("course_tags", "course_id course_tags", course_tags),
            "course_completions": table("course_completions", "user_handle course_id", completions),
            "user_assessment_scores": table(
                "user_assessment_scores",
                "user_handle assessment_tag user_assessment_score",
                [(user, tag, 100.0) for user, tag in interests],
            ),
            "users": table("users", "user_handle", [(user,) for user in users]),
            "courses": table(
                "courses",
                "course_id image_path",
                [*pictured, *((course, None) for course in courses)],
            ),
        },
        like=like,
    )


def table(name: str, columns: str, rows: Rows) -> pd.DataFrame:
    """A validated table: `columns` are names with blanks between; the others stay empty.

    Dates are ISO 8601 texts; None and "" are empty cells.
    """
    names = columns.split()
    frame = pd.DataFrame(list(rows), columns=pd.Index(names), dtype=object)
    absent = [required for required in TABLES[name].required_names if required not in names]
    frame = frame.assign(**dict.fromkeys(absent))
    kinds = {column.name: column.kind for column in TABLES[name].columns_among(frame)}
    return pd.DataFrame({column: _validated(frame[column], kinds[column]) for column in frame})


def _validated(cells: pd.Series, kind: str) -> pd.Series:
    match kind:
        case "seconds" | "score":
            return cells.astype(float)
        case "date":
            return pd.to_datetime(cells, format="ISO8601").astype("datetime64[us]")
        case "flag":
            return cells.map({True: 1, False: 0, None: -1}).astype(np.int8)
        case _:
            return cells.where(cells != "", None).astype("category")
