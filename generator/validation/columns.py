"""The input tables and their columns, once: names, meaning, and what may be empty.

data/README.md explains the same columns to those who prepare them; a test holds the two together.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "user_handle", "course_handle", "tag", "level", "seconds", "score", "date", "moment", "text"
]
"""A moment is a date, or a number of seconds since 1970: in somebody else's files only."""


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    may_be_empty: bool = False


@dataclass(frozen=True)
class Table:
    """One input table. Every column must be in the file; a value only where it may not be empty."""

    name: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]


_USER = Column("user_handle", "user_handle")
_COURSE = Column("course_id", "course_handle")

USER_INTERESTS = Table(
    "user_interests",
    (_USER, Column("interest_tag", "tag"), Column("date_followed", "date", may_be_empty=True)),
)
USER_COURSE_VIEWS = Table(
    "user_course_views",
    (
        _USER,
        Column("view_date", "date", may_be_empty=True),
        _COURSE,
        Column("author_handle", "text", may_be_empty=True),
        Column("level", "level", may_be_empty=True),
        Column("view_time_seconds", "seconds"),
    ),
)
USER_ASSESSMENT_SCORES = Table(
    "user_assessment_scores",
    (
        _USER,
        Column("assessment_tag", "tag"),
        Column("user_assessment_date", "date", may_be_empty=True),
        Column("user_assessment_score", "score"),
    ),
)
# An empty tag is how a catalogue says that a course has none: the row makes the course known.
COURSE_TAGS = Table("course_tags", (_COURSE, Column("course_tags", "tag", may_be_empty=True)))
# People read titles and the models do not, so courses that are in no other table stay unknown.
COURSES = Table("courses", (_COURSE, Column("title", "text", may_be_empty=True)))

TABLES = {
    table.name: table
    for table in (USER_INTERESTS, USER_COURSE_VIEWS, USER_ASSESSMENT_SCORES, COURSE_TAGS, COURSES)
}
