"""A user's own labelled pairs: course_a, course_b, is_duplicate."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import UNKNOWN, Vocabulary
from generator.duplicates.features import PairFeatures
from generator.duplicates.learning import learned
from generator.duplicates.matcher import Matcher
from generator.duplicates.records import records_of
from generator.duplicates.weighted import Rows
from shared.errors import DataError

COLUMNS = ["course_a", "course_b", "is_duplicate"]
YES, NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True)
class LabelledPairs:
    left: Rows
    right: Rows
    are_duplicates: NDArray[np.bool_]
    unknown: int
    """Rows that are not here, since a course of theirs is not in the data."""


def read_labels(path: Path, courses: Vocabulary) -> LabelledPairs:
    """Read a CSV file with these columns. Raises DataError if it is none."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from None
    if missing := [column for column in COLUMNS if column not in table]:
        raise DataError(
            f"{path} has no column {', '.join(missing)}: it needs {', '.join(COLUMNS)}."
        )
    said = table["is_duplicate"].str.strip().str.lower()
    if wrong := sorted({*said} - YES - NO):
        raise DataError(f"{path}: is_duplicate is {wrong[0]!r}; write 1 or 0.")
    left, right = (_rows(table[column], courses) for column in COLUMNS[:2])
    known = (left != UNKNOWN) & (right != UNKNOWN) & (left != right)
    are_duplicates = said.isin(YES).to_numpy(bool)
    return LabelledPairs(left[known], right[known], are_duplicates[known], int((~known).sum()))


def _rows(handles: pd.Series, courses: Vocabulary) -> Rows:
    handles = handles.str.strip()
    if courses.is_integer:
        numbers = pd.to_numeric(handles, errors="coerce")
        known = numbers.notna() & (numbers == numbers.round())
        rows = np.full(len(handles), UNKNOWN, np.int32)
        rows[known.to_numpy()] = courses.index_of(numbers[known].astype("int64"))
        return rows
    return courses.index_of(handles)


def learned_from(path: Path, dataset: Dataset, seed: int) -> tuple[Matcher, str]:
    """A matcher from the labelled pairs in a file, and what it learned from, in words.

    Raises DataError if it has too few pairs of courses that are in the data.
    """
    pairs = read_labels(path, dataset.courses)
    courses = np.unique(np.concatenate([pairs.left, pairs.right]))
    features = PairFeatures(records_of(dataset).of(courses))
    left, right = (_places(courses, side) for side in (pairs.left, pairs.right))
    matcher = learned(features.of(left, right), pairs.are_duplicates, features.names, seed)
    aside = (
        f", but for {pairs.unknown:,} whose courses are not in the data" if pairs.unknown else ""
    )
    return matcher, (
        f"Learned from {len(left):,} labelled pairs{aside}: F1 {matcher.learned_from['f1']:.3f} on "
        f"pairs left out in turn, same from a probability of {matcher.threshold:.2f} on."
    )


def _places(courses: Rows, side: Rows) -> Rows:
    return np.searchsorted(courses, side).astype(np.int32)
