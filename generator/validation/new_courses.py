"""Courses that were added since, as further rows of the tables `courses` and `course_tags`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import pandas as pd

from generator.validation.absent_columns import with_all_columns
from generator.validation.columns import TABLES
from generator.validation.profiles import written
from generator.validation.raw_table import DeclaredType, RawTable
from generator.validation.typed_rows import joined
from generator.validation.validation import validate_tables
from shared.events import Description, Event
from shared.records import Handle

COURSES, COURSE_TAGS = "courses", "course_tags"
OWN_COLUMNS = ("title", "description", "image_path", "available_until")
SOURCE = "the log of events"


class DescribedCourses:
    """Rows to come, one for each course: what was said of it last."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], course_type: DeclaredType) -> None:
        """What the table `courses` says of a course counts. So do the attributes that it has
        columns for, and no others: callers could else make as many columns as they like."""
        self._given, self._type = tables, course_type
        self._described: dict[Handle, Description] = {}

    def add(self, event: Event) -> bool:
        """False if the table has the course already."""
        if event.course is None or event.described is None or event.course in self._known:
            return False
        self._described[event.course] = event.described
        return True

    def rows(self) -> dict[str, pd.DataFrame]:
        """Both tables, of these courses alone, as the loader would have them from files."""
        raws = {}
        for name, columns in _rows(self._described.items(), self._attributes).items():
            frame = pd.DataFrame(columns).astype("str").astype("category")
            raws[name] = RawTable(name, SOURCE, list(columns), frame)
        return validate_tables(raws, course_handle_type=self._type).tables

    # Made for the first course: of most events none is about one, and every quick round has some.
    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        return {
            name: with_all_columns(self._given.get(name), name) for name in (COURSES, COURSE_TAGS)
        }

    @cached_property
    def _known(self) -> frozenset[Handle]:
        return frozenset(self._tables[COURSES]["course_id"].cat.categories)

    @property
    def _attributes(self) -> list[str]:
        columns = TABLES[COURSES].columns_among(self._tables[COURSES])
        return [column.name for column in columns if column.kind == "attribute"]

    def appended(self) -> dict[str, pd.DataFrame]:
        """Both tables with the rows; none if there are no rows."""
        if not self._described:
            return {}
        more = self.rows()
        return {
            name: pd.DataFrame(
                {column: joined(table[column], more[name][column]) for column in table}
            )
            for name, table in self._tables.items()
        }


def as_tables(events: Iterable[Event]) -> dict[str, pd.DataFrame]:
    """What was said of courses, as files have it; courses without tags have no row of these."""
    said = {event.course: event.described for event in events if event.course is not None}
    courses = [(course, described) for course, described in said.items() if described is not None]
    named = {name: None for _, described in courses for name in described.attributes}
    rows = {name: pd.DataFrame(columns) for name, columns in _rows(courses, named).items()}
    rows[COURSES]["course_id"] = [course for course, _ in courses]
    return {name: table for name, table in rows.items() if len(table)}


def _rows(
    courses: Collection[tuple[Handle, Description]], attributes: Iterable[str]
) -> dict[str, dict[str, list[Handle]]]:
    """Table -> column -> cells; the attributes are these."""
    handles: list[Handle] = [course for course, _ in courses]
    tagged = [(course, tag) for course, described in courses for tag in described.tags]
    own: dict[str, list[Handle]] = {
        name: [getattr(described, name) for _, described in courses] for name in OWN_COLUMNS
    }
    for name in attributes:
        own[name] = [_cell(described.attributes, name) for _, described in courses]
    return {
        COURSES: {"course_id": handles} | own,
        COURSE_TAGS: {
            "course_id": [course for course, _ in tagged],
            "course_tags": [tag for _, tag in tagged],
        },
    }


def _cell(attributes: Mapping[str, Sequence[str]], wanted: str) -> str:
    values = {name.casefold(): said for name, said in attributes.items()}
    return written([*values.get(wanted.casefold(), ())])
