"""How many rows of a table came in, stayed, and were set aside, and for what."""

from collections.abc import Sequence

import numpy as np

from generator.validation.failures import Failure
from generator.validation.raw_table import RawTable
from generator.validation.schemas import IS_DUPLICATE
from shared.records import TableReport

SAMPLE_CHARACTERS = 80


def report_of(raw: RawTable, failures: Sequence[Failure], rows_kept: int) -> TableReport:
    """A row with several reasons is counted under its first."""
    report = TableReport(
        raw.name,
        raw.source,
        rows_read=len(raw.frame) + len(raw.malformed) + sum(raw.left_out.values()),
        rows_kept=rows_kept,
        set_aside=raw.malformed["reasons"].value_counts().to_dict(),
        samples=dict(zip(*_first_of_each(raw), strict=True)),
        left_out=raw.left_out,
    )
    counted = np.zeros(len(raw.frame), dtype=bool)
    for failure in failures:
        rows = np.flatnonzero(failure.rows & ~counted)
        if not len(rows):
            continue
        report.set_aside[failure.reason] = len(rows)
        if failure.column != IS_DUPLICATE:
            report.samples[failure.reason] = _short(raw.frame[failure.column].iloc[rows[0]])
        counted |= failure.rows
    return report


def _first_of_each(raw: RawTable) -> tuple[list[str], list[str]]:
    firsts = raw.malformed.drop_duplicates("reasons")
    return firsts["reasons"].tolist(), [_short(line) for line in firsts["line"]]


def _short(text: str) -> str:
    return text if len(text) <= SAMPLE_CHARACTERS else f"{text[: SAMPLE_CHARACTERS - 3]}..."
