"""The input tables and their columns, once: names, meaning, and what may be empty.

data/README.md explains the same columns to those who prepare them; a test holds the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.errors import DataError

Kind = Literal[
    "user_handle",
    "course_handle",
    "tag",
    "level",
    "seconds",
    "weight",
    "score",
    "flag",
    "date",
    "text",
    "attribute",
]
"""A weight says how much a view counts where nobody measured its time: 1, which an empty cell means
too, is as much as an hour. An attribute is whatever its platform keeps of a user or course: a word,
several, or a number."""

# What files of rows that were set aside hold beside the table's own columns.
NOT_ATTRIBUTES = ("", "file", "row", "reasons", "line", "is_duplicate")


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    may_be_empty: bool = False
    may_be_absent: bool = False
    """The file need not have the column; then it is empty in every row."""
    label: str = ""
    """What its file calls it, where that is something else."""
    time_format: str = ""
    """How its dates are written; empty finds out value by value."""

    @property
    def said(self) -> str:
        """The name that whoever wrote the file knows it by."""
        return self.label or self.name


@dataclass(frozen=True)
class Table:
    """One input table: the columns that its file must or may have."""

    name: str
    columns: tuple[Column, ...]
    more_are_attributes: bool = False
    """Whether further columns of the file are read too, as attributes."""

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def required_names(self) -> list[str]:
        return [column.name for column in self.columns if not column.may_be_absent]

    def spelled_as_here(self, names: Sequence[str]) -> list[str]:
        """A file's names without blanks around them, and in the table's own spelling where only
        case differs; a name that is a number may also be a column's place, from 1.
        """
        spelled = [name.strip() for name in names]
        folded = [name.casefold() for name in spelled]
        for column in self.columns:
            if column.name in spelled:
                continue
            if folded.count(column.name.casefold()) == 1:
                spelled[folded.index(column.name.casefold())] = column.name
            elif column.name.isdecimal() and 0 < int(column.name) <= len(spelled):
                spelled[int(column.name) - 1] = column.name
        return spelled

    def named_once(self, names: Sequence[str], source: str) -> list[str]:
        """The same; raises DataError if a name stands there twice."""
        spelled = self.spelled_as_here(names)
        if twice := sorted({name for name in spelled if name and spelled.count(name) > 1}):
            raise DataError(f"{source} has more than one column {', '.join(twice)}: keep one.")
        return spelled

    def columns_among(self, names: Iterable[str]) -> list[Column]:
        """What is read of a file with these columns: the table's own first, then attributes."""
        in_file = list(names)
        own = [column for column in self.columns if column.name in in_file]
        if not self.more_are_attributes:
            return own
        others = [name for name in in_file if name not in self.column_names]
        return own + [_attribute(name) for name in others if _may_be_attribute(name)]


def _optional(name: str, kind: Kind) -> Column:
    return Column(name, kind, may_be_empty=True, may_be_absent=True)


def _attribute(name: str) -> Column:
    return _optional(name, "attribute")


def _may_be_attribute(name: str) -> bool:
    # pandas writes the index of a table as a column like __index_level_0__.
    return name not in NOT_ATTRIBUTES and not name.startswith("__")


_USER = Column("user_handle", "user_handle")
_COURSE = Column("course_id", "course_handle")

USER_INTERESTS = Table(
    "user_interests",
    (_USER, Column("interest_tag", "tag"), Column("date_followed", "date", may_be_empty=True)),
)
VIEWS = "user_course_views"
USER_COURSE_VIEWS = Table(
    VIEWS,
    (
        _USER,
        Column("view_date", "date", may_be_empty=True),
        _COURSE,
        Column("author_handle", "text", may_be_empty=True),
        Column("level", "level", may_be_empty=True),
        Column("view_time_seconds", "seconds"),
        _optional("completed", "flag"),
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
COURSES = Table(
    "courses",
    (
        _COURSE,
        _optional("title", "text"),
        _optional("description", "text"),
        _optional("image_path", "text"),
        _attribute("duration"),
        _attribute("price"),
        _optional("available_until", "date"),
    ),
    more_are_attributes=True,
)
USERS = Table(
    "users",
    (_USER, _attribute("role"), _attribute("department"), _attribute("skills")),
    more_are_attributes=True,
)
COURSE_REVIEWS = Table(
    "course_reviews",
    (
        _USER,
        _COURSE,
        Column("review_date", "date", may_be_empty=True),
        Column("rating", "score", may_be_empty=True),
        _optional("review_text", "text"),
    ),
)
COURSE_COMPLETIONS = Table(
    "course_completions",
    (_USER, _COURSE, Column("completion_date", "date", may_be_empty=True)),
)
COURSE_PREREQUISITES = Table(
    "course_prerequisites", (_COURSE, Column("prerequisite_id", "course_handle"))
)

TABLES = {
    table.name: table
    for table in (
        USER_INTERESTS,
        USER_COURSE_VIEWS,
        USER_ASSESSMENT_SCORES,
        COURSE_TAGS,
        COURSES,
        USERS,
        COURSE_REVIEWS,
        COURSE_COMPLETIONS,
        COURSE_PREREQUISITES,
    )
}
