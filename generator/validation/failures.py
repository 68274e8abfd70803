"""What is wrong with the rows of a table, reason by reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from generator.validation.raw_table import DeclaredType, RawTable
from generator.validation.schemas import IS_DUPLICATE, schema_of


@dataclass(frozen=True)
class Failure:
    reason: str

    column: str
    """Whose cell is to blame, or IS_DUPLICATE."""

    rows: NDArray[np.bool_]
    """True where a row of the table has it."""


def failures_of(raw: RawTable, types: Mapping[str, DeclaredType]) -> list[Failure]:
    """In the order of the columns."""
    repeated = False if raw.repeats_count else raw.frame.duplicated().to_numpy()
    flagged = raw.frame.assign(**{IS_DUPLICATE: repeated})
    try:
        schema_of(raw.columns, types).validate(flagged, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            # pandera reports a crash inside a check as if the data had failed it.
            if not isinstance(error.check_output, pd.Series):
                raise
        return [
            Failure(error.check.error, error.schema.name, ~error.check_output.to_numpy())
            for error in errors.schema_errors
        ]
    return []


def any_failure(failures: Sequence[Failure], rows: int) -> NDArray[np.bool_]:
    bad = np.zeros(rows, dtype=bool)
    for failure in failures:
        bad |= failure.rows
    return bad
