"""What makes a row of each table believable, as pandera schemas over the raw text."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from generator.validation.columns import Column
from generator.validation.dates import AMBIGUOUS, NO_DATE, NO_FAULT, date_faults
from generator.validation.handles import fits_64_bits, is_short, is_whole_number
from generator.validation.raw_table import DeclaredType
from generator.validation.values import UNREADABLE_FLAG, flags, is_filled, is_given, numbers
from shared.records import MAX_HANDLE_CHARACTERS, REPEATED_ROW

IS_DUPLICATE = "is_duplicate"
"""The column that validation adds for the schema: True on the second and later equal rows."""

# 31 years of seconds. Beyond it stands something else, such as a time stamp, and one such row would
# outweigh everything its user has watched.
MAX_AMOUNT = 10**9

DAY_OR_MONTH = (
    "may begin with the day or with the month (time_format=%d/%m/%Y or time_format=%m/%d/%Y in "
    "DATA_COLUMNS says which)"
)

Predicate = Callable[[pd.Series], NDArray[np.bool_]]
Rule = tuple[str, Predicate]
"""What is wrong with a cell where the predicate is False."""

AMOUNT: list[Rule] = [
    ("is negative", lambda cells: ~(numbers(cells) < 0)),
    ("is above 1e9", lambda cells: ~(numbers(cells) > MAX_AMOUNT)),
]


def schema_of(
    columns: Sequence[Column], handle_types: Mapping[str, DeclaredType]
) -> pa.DataFrameSchema:
    """The error of each check is a reason as the reader sees it: column and what is wrong.

    `handle_types`: kind of handle (user_handle, course_handle) -> the type decided for it.
    """
    checked = {
        column.name: pa.Column(
            checks=[_check(f"{column.said} {wrong}", fine) for wrong, fine in rules]
        )
        for column, rules in ((c, _rules(c, handle_types)) for c in columns)
    }
    checked[IS_DUPLICATE] = pa.Column(checks=_check(REPEATED_ROW, lambda flags: ~flags.to_numpy()))
    return pa.DataFrameSchema(checked)


def _check(reason: str, fine: Predicate) -> pa.Check:
    return pa.Check(lambda column: pd.Series(fine(column), index=column.index), error=reason)


def _rules(column: Column, handle_types: Mapping[str, DeclaredType]) -> list[Rule]:
    """Each rule lets an empty cell pass, except the one that is about emptiness."""
    given = is_given if column.kind in ("user_handle", "course_handle") else is_filled
    rules: list[Rule] = [] if column.may_be_empty else [("is empty", given)]
    match column.kind:
        case "user_handle" | "course_handle" if handle_types[column.kind] == "int":
            setting = f"{column.kind.upper()}_TYPE"
            rules += [
                (
                    f"is not a whole number ({setting}=str takes text)",
                    lambda cells: ~is_given(cells) | is_whole_number(cells),
                ),
                ("is outside 64 bits", fits_64_bits),
            ]
        case "user_handle" | "course_handle" | "tag" | "level":
            rules += [(f"is longer than {MAX_HANDLE_CHARACTERS} characters", is_short)]
        case "seconds":
            rules += [("is not a number", _empty_or(lambda c: np.isfinite(numbers(c))))]
            rules += AMOUNT
        case "weight":
            rules += [("is not a number", lambda c: ~is_given(c) | np.isfinite(numbers(c)))]
            rules += AMOUNT
        case "score":
            rules += [("is not a number", _empty_or(lambda c: np.isfinite(numbers(c))))]
        case "flag":
            rules += [("is neither true nor false", lambda c: flags(c) != UNREADABLE_FLAG)]
        case "date":
            rules += _rules_of_dates(column.time_format)
    return rules


def _rules_of_dates(time_format: str) -> list[Rule]:
    if time_format:
        wrong = f"is not written as time_format={time_format}"
        return [(wrong, lambda cells: date_faults(cells, time_format) == NO_FAULT)]
    # Both rules ask about the same cells, and to read a million dates takes a second.
    answers: list[NDArray[np.int8]] = []

    def faults(cells: pd.Series) -> NDArray[np.int8]:
        if not answers:
            answers.append(date_faults(cells))
        return answers[0]

    return [
        (DAY_OR_MONTH, lambda cells: faults(cells) != AMBIGUOUS),
        ("is not a date", lambda cells: faults(cells) != NO_DATE),
    ]


def _empty_or(fine: Predicate) -> Predicate:
    return lambda column: ~is_filled(column) | fine(column)
