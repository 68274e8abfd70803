"""Events of the log as rows of the tables, beside those of files.

    view               user_course_views, its seconds; one without any counts as an hour
    completion         user_course_views, 0 seconds, completed
    rating             course_reviews, and user_course_views, 0 seconds
    interest           user_interests
    attribute          users, those of one moment in one row, several values with | between them
    course             courses, course_tags; of several about one course the last
    dismissal          nothing: it says what not to show

What a table has already counts once: a view of the same user and course at the same time, a rating
of the same time, an interest, a course.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from generator.validation.absent_columns import with_all_columns
from generator.validation.columns import TABLES, VIEWS
from generator.validation.new_courses import SOURCE, DescribedCourses, as_tables
from generator.validation.profiles import USERS, Profiles, as_table
from generator.validation.raw_table import DeclaredType
from generator.validation.typed_rows import categorical, joined
from generator.validation.validation import Validated
from generator.validation.values import SECONDS_OF_ONE_WEIGHT, fold
from shared.events import COURSE, Event
from shared.events.event import TAKES_UP
from shared.records import Handle, TableReport

INTERESTS, REVIEWS = "user_interests", "course_reviews"
KEYS = {
    VIEWS: ["user_handle", "course_id", "view_date"],
    REVIEWS: ["user_handle", "course_id", "review_date"],
    INTERESTS: ["user_handle", "interest_tag"],
}
"""What says that a row is there already."""
IN_TABLES = "in the tables already"
NO_COLUMN = "attributes that the table users has no column for"
DISMISSED = "dismissals, which say what not to show"


@dataclass
class _Rows:
    """Columns of rows to come, as lists."""

    columns: dict[str, list[object]] = field(default_factory=dict)

    def add(self, **cells: object) -> None:
        for name, cell in cells.items():
            self.columns.setdefault(name, []).append(cell)


def tables_of_events(events: Iterable[Event]) -> dict[str, pd.DataFrame]:
    """Events alone as tables, as files have them; dismissals are no rows."""
    rows = {name: _Rows() for name in KEYS}
    said: list[Event] = []
    courses: list[Event] = []
    for event in events:
        _add(event, rows)
        said += [event] if event.kind == "attribute" else []
        courses += [event] if event.kind == COURSE else []
    tables = {name: pd.DataFrame(one.columns) for name, one in rows.items() if one.columns}
    if VIEWS in tables:
        tables[VIEWS]["completed"] = tables[VIEWS]["completed"].map({1: "true", -1: ""})
    if said:
        tables[USERS] = as_table(said)
    tables |= as_tables(courses)
    return {
        name: table.reindex(columns=dict.fromkeys([*TABLES[name].required_names, *table]))
        for name, table in tables.items()
    }


def with_events(validated: Validated, events: Iterable[Event]) -> Validated:
    """The tables with these events among their rows, and a report that accounts for each.

    An event of a user or course whose handle has another type than those of the tables is set
    aside: callers would never ask for it.
    """
    rows = {name: _Rows() for name in KEYS}
    profiles = Profiles(validated.tables.get(USERS))
    counts, reasons, left_out = 0, Counter[str](), Counter[str]()
    types = validated.user_handle_type, validated.course_handle_type
    new_courses = DescribedCourses(validated.tables, types[1])
    for event in events:
        counts += 1
        if reason := _unfit(event, *types):
            reasons[reason] += 1
        elif event.kind == "dismissal":
            left_out[DISMISSED] += 1
        elif event.kind == "attribute":
            left_out[NO_COLUMN] += not profiles.add(event)
        elif event.kind == COURSE:
            left_out[IN_TABLES] += not new_courses.add(event)
        else:
            _add(event, rows)
    if not counts:
        return validated
    tables = dict(validated.tables)
    for name, of_table in rows.items():
        if of_table.columns:
            rows_of_events = _typed(of_table, *types)
            tables[name], known = _appended(name, tables.get(name), rows_of_events)
            left_out[IN_TABLES] += known
    if profiles.rows:
        tables[USERS] = profiles.appended(validated.user_handle_type)
    tables |= new_courses.appended()
    report = TableReport(
        "events",
        SOURCE,
        counts,
        counts - reasons.total() - left_out.total(),
        dict(reasons),
        left_out={reason: rows for reason, rows in left_out.items() if rows},
    )
    return replace(validated, tables=tables, reports=[*validated.reports, report])


def described_alone(validated: Validated, events: Iterable[Event]) -> Validated:
    """The courses that these events describe and the tables do not, and nothing else."""
    types = validated.user_handle_type, validated.course_handle_type
    courses = DescribedCourses(validated.tables, types[1])
    for event in events:
        if event.kind == COURSE and not _unfit(event, *types):
            courses.add(event)
    return replace(validated, tables=courses.rows())


def _unfit(event: Event, user_type: DeclaredType, course_type: DeclaredType) -> str:
    """Why an event cannot be a row, if it cannot."""
    if event.kind != COURSE and _type_of(event.user) != user_type:
        return f"the user's handle is {_type_of(event.user)}, and those of the tables {user_type}"
    if event.course is not None and _type_of(event.course) != course_type:
        other = _type_of(event.course)
        return f"the course's handle is {other}, and those of the tables {course_type}"
    return ""


def _type_of(handle: Handle) -> DeclaredType:
    return "int" if isinstance(handle, int) else "str"


def _add(event: Event, rows: Mapping[str, _Rows]) -> None:
    if event.kind == "interest":
        rows[INTERESTS].add(user_handle=event.user, interest_tag=event.tag, date_followed=event.at)
    if event.kind == "rating":
        rows[REVIEWS].add(
            user_handle=event.user, course_id=event.course, review_date=event.at, rating=event.value
        )
    if event.kind in TAKES_UP:
        # As a weight of 1 in a table where nobody measured views.
        unmeasured = SECONDS_OF_ONE_WEIGHT if event.kind == "view" else 0.0
        rows[VIEWS].add(
            user_handle=event.user,
            course_id=event.course,
            view_date=event.at,
            view_time_seconds=unmeasured if event.seconds is None else event.seconds,
            completed=1 if event.kind == "completion" else -1,
        )


def _typed(rows: _Rows, user_type: DeclaredType, course_type: DeclaredType) -> pd.DataFrame:
    """As validated tables have them."""
    columns: dict[str, object] = {}
    for name, cells in rows.columns.items():
        if name in ("user_handle", "course_id"):
            is_int = (user_type if name == "user_handle" else course_type) == "int"
            columns[name] = categorical(pd.Index(cells, dtype="int64" if is_int else "str"))
        elif name == "interest_tag":
            columns[name] = categorical(fold(pd.Index(cells, dtype="str").str.strip()))
        elif name.endswith(("_date", "_followed")):
            columns[name] = np.array([str(at).removesuffix("Z") for at in cells], "datetime64[us]")
        elif name == "completed":
            columns[name] = np.array(cells, np.int8)
        else:
            columns[name] = np.array(cells, np.float64)
    return pd.DataFrame(columns)


def _appended(
    name: str, table: pd.DataFrame | None, rows: pd.DataFrame
) -> tuple[pd.DataFrame, int]:
    """The table with the rows that it does not have yet, and how many it has."""
    table, rows, keys = with_all_columns(table, name), with_all_columns(rows, name), KEYS[name]
    theirs = table[table["user_handle"].isin(rows["user_handle"].cat.categories)]
    known = set(theirs[keys].itertuples(index=False, name=None))
    is_known = np.array([key in known for key in rows[keys].itertuples(index=False, name=None)])
    new = rows[~is_known]
    cells = {column: joined(table[column], new[column]) for column in table}
    return pd.DataFrame(cells), int(is_known.sum())
