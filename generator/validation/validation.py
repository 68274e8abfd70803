"""Raw tables in, believable rows out; every other row is set aside with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.validation.columns import TABLES, VIEWS, Column
from generator.validation.dates import dates
from generator.validation.failures import any_failure, failures_of
from generator.validation.handles import as_integers, handle_type
from generator.validation.raw_table import DeclaredType, RawTable
from generator.validation.report import report_of
from generator.validation.set_aside import rows_set_aside
from generator.validation.values import flags, fold, numbers, recode, seconds_of_weights
from shared.errors import DataError
from shared.events.log import START
from shared.records import TableReport
from shared.settings import HandleType


@dataclass(frozen=True)
class Validated:
    """Tables in which every row can be used, and what was not fit to stay."""

    tables: dict[str, pd.DataFrame]
    """Table name -> rows, with the columns that its file had. Handles (int64 or text), tags,
    levels, texts and attributes are categorical without unused categories, NaN where empty; dates
    are datetime64[us] in UTC, numbers float64; flags are int8: 1, 0, or -1 where empty."""

    set_aside: dict[str, pd.DataFrame]
    """Table name -> rows not used: row, reasons, the columns as they were written, line."""

    reports: list[TableReport]

    user_handle_type: DeclaredType
    course_handle_type: DeclaredType

    view_times_are_measured: bool = True
    """False where view times stand for weights, or for nothing: then nobody is shown hours."""

    data_digest: str = ""
    """Of the files that the tables were read from."""

    events_cursor: int = START
    """Of the log of events: all up to it are among the rows."""


def validate_tables(
    raw_tables: Mapping[str, RawTable],
    user_handle_type: HandleType = "auto",
    course_handle_type: HandleType = "auto",
    live_types: Mapping[str, DeclaredType] | None = None,
) -> Validated:
    """Keep the rows that can be used, and count the others by reason.

    `live_types`: kind of handle (user_handle, course_handle) -> its type in the live generation,
    which `auto` keeps, since a few odd handles must not change all others for callers. A row with
    several reasons is counted under its first. Raises DataError if a column is missing or if the
    tables contradict each other about the type of handles.
    """
    for raw in raw_tables.values():
        _check_columns(raw)
    raws, live = list(raw_tables.values()), live_types or {}
    if user_handle_type == "auto":
        user_handle_type = live.get("user_handle", "auto")
    if course_handle_type == "auto":
        course_handle_type = live.get("course_handle", "auto")
    user_type = handle_type(raws, "user_handle", user_handle_type, "USER_HANDLE_TYPE")
    course_type = handle_type(raws, "course_id", course_handle_type, "COURSE_HANDLE_TYPE")
    measured = not any(column.kind == "weight" for raw in raws for column in raw.columns)
    validated = Validated({}, {}, [], user_type, course_type, measured)
    for raw in raws:
        types = {"user_handle": user_type, "course_handle": course_type}
        failures = failures_of(raw, types)
        good = raw.frame[~any_failure(failures, len(raw.frame))]
        validated.tables[raw.name] = pd.DataFrame(
            {c.name: _meaning(good[c.name], c, types) for c in raw.columns}, index=good.index
        )
        validated.set_aside[raw.name] = rows_set_aside(raw, failures)
        validated.reports.append(report_of(raw, failures, rows_kept=len(good)))
    return validated


def _check_columns(raw: RawTable) -> None:
    expected = TABLES[raw.name].required_names
    if missing := [name for name in expected if name not in raw.columns_found]:
        found = ", ".join(raw.columns_found)
        alone = " (is it separated by commas?)" if len(raw.columns_found) == 1 else ""
        cure = ""
        if raw.name == VIEWS:
            cure = (
                " If they are called otherwise, say so with --columns (DATA_COLUMNS), such as "
                "--columns user=user_id,item=item_id; `inspect` proposes it."
            )
        raise DataError(
            f"{raw.source} has no column {' and no column '.join(missing)}: expected "
            f"{', '.join(expected)}, found {found}{alone}.{cure}"
        )


def _meaning(
    text: pd.Series, column: Column, types: Mapping[str, DeclaredType]
) -> pd.Series | NDArray[np.float64] | NDArray[np.datetime64] | NDArray[np.int8]:
    match column.kind:
        case "flag":
            return flags(text)
        case "seconds" | "score":
            return numbers(text)
        case "weight":
            return seconds_of_weights(text)
        case "date":
            return dates(text, column.time_format)
        case "tag" | "level" | "attribute":
            return recode(text, fold)
        case "user_handle" | "course_handle" if types[column.kind] == "int":
            return recode(text, as_integers)
        case _:
            return recode(text, lambda texts: texts)
