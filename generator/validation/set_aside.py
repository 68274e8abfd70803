"""Rows that validation did not keep: each with its reasons, in one file a table."""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from generator.validation.columns import TABLES
from generator.validation.failures import Failure, any_failure
from generator.validation.raw_table import RawTable
from shared.errors import DataError

PICTURES = "course_pictures"
"""What the file of the pictures that are set aside is called."""
NAMES = (*TABLES, PICTURES)


def rows_set_aside(raw: RawTable, failures: Sequence[Failure]) -> pd.DataFrame:
    """Columns: row, reasons, those of the table, line.

    `row` is the number in the file (see RawTable.frame), `line` the text of a line that was no row;
    where the table lay in several files, `file` stands first and says which.
    """
    bad = np.flatnonzero(any_failure(failures, len(raw.frame)))
    reasons = np.full(len(bad), "", dtype=object)
    for failure in failures:
        among = failure.rows[bad]
        reasons[among] += np.where(reasons[among] == "", "", "; ") + failure.reason
    rows = raw.frame.iloc[bad].astype("str")
    rows.insert(0, "row", rows.index)
    rows.insert(1, "reasons", reasons)
    order = ["row"]
    if raw.part_of_row is not None:
        rows.insert(0, "file", np.array(raw.parts, dtype=object)[raw.part_of_row[bad]])
        order = ["file", "row"]
    every = pd.concat([rows, raw.malformed])
    return every.sort_values(order, kind="stable", ignore_index=True)


def folder_of(set_aside_folder: str, tenant: str) -> Path:
    """Each tenant's rows apart: a run replaces the files of the run before it, and no other's."""
    return Path(set_aside_folder) / tenant


def write_set_aside(
    folder: Path, set_aside: Mapping[str, pd.DataFrame], names: Iterable[str] = NAMES
) -> list[Path]:
    """Replace the files of the last run by NAME.csv for each table with rows; return their paths.

    A file is replaced when the new one is complete. A table without rows, or without a file in
    this run, loses its old one. Raises DataError if the folder cannot be written.
    """
    try:
        written = []
        for name in names:
            path = folder / f"{name}.csv"
            if name in set_aside and len(set_aside[name]):
                _replace(path, set_aside[name])
                written.append(path)
            else:
                path.unlink(missing_ok=True)
        return written
    except OSError as error:
        raise DataError(
            f"Rows that were set aside cannot be written to {folder} ({error.strerror}): "
            "make it writable, or let SET_ASIDE_FOLDER name another folder."
        ) from error


def _replace(path: Path, rows: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            rows.to_csv(file, index=False, lineterminator="\n")
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
