"""Validated tables -> vocabularies and matrices."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.validation.columns import COURSES, TABLES, Kind
from shared.errors import DataError

# A level is kept as int8: 1 + its index.
MAX_LEVELS = 127


def build_dataset(tables: Mapping[str, pd.DataFrame]) -> Dataset:
    """Matrices over the users and courses of all tables, from `Validated.tables`.

    Any table may be absent or empty. The cost is one sort of the views and a few copies of two of
    their columns. Raises DataError if there are more than 127 different levels.
    """
    users = Vocabulary(_union(_columns(tables, "user_handle")))
    courses = Vocabulary(_union(_columns(tables, "course_handle")))
    interests, views = _table(tables, "user_interests"), _table(tables, "user_course_views")
    course_tags = _table(tables, "course_tags").dropna(subset="course_tags")
    tags = Vocabulary(_union([interests["interest_tag"], course_tags["course_tags"]]))
    levels = Vocabulary(_union([views["level"]]))
    if len(levels) > MAX_LEVELS:
        raise DataError(
            f"user_course_views has {len(levels)} different levels, and at most {MAX_LEVELS} are "
            "possible: its column level seems to hold something else."
        )
    viewers = _indices(users, views["user_handle"])
    viewed = _indices(courses, views["course_id"])
    seconds = views["view_time_seconds"].to_numpy(np.float64)
    shape = (len(users), len(courses))
    return Dataset(
        users=users,
        courses=courses,
        tags=tags,
        levels=levels,
        interests=_links(users, interests["user_handle"], tags, interests["interest_tag"]),
        course_tags=_links(courses, course_tags["course_id"], tags, course_tags["course_tags"]),
        view_seconds=sp.csr_matrix((seconds, (viewers, viewed)), shape=shape).astype(np.float32),
        viewed_levels=_last_levels(
            viewers, viewed, _indices(levels, views["level"]), views["view_date"], shape
        ),
        course_titles=_titles(courses, _table(tables, COURSES.name)),
    )


def _table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    if name in tables:
        return tables[name]
    return pd.DataFrame({column.name: pd.Categorical([]) for column in TABLES[name].columns})


def _columns(tables: Mapping[str, pd.DataFrame], kind: Kind) -> list[pd.Series]:
    return [
        tables[name][column.name]
        for name in tables
        if name != COURSES.name
        for column in TABLES[name].columns
        if column.kind == kind
    ]


def _union(columns: Iterable[pd.Series]) -> pd.Series:
    distinct = [pd.Series(c.cat.categories) for c in columns if len(c.cat.categories)]
    return pd.concat(distinct, ignore_index=True) if distinct else pd.Series([], dtype="int64")


def _indices(vocabulary: Vocabulary, column: pd.Series) -> NDArray[np.int32]:
    """Row numbers, int32 per row; -1 where the column is empty."""
    places = np.append(vocabulary.index_of(column.cat.categories), np.int32(-1))
    indices: NDArray[np.int32] = places[column.cat.codes.to_numpy()]
    return indices


def _titles(courses: Vocabulary, table: pd.DataFrame) -> dict[int, str]:
    """The last title of each course that is in the vocabulary."""
    titled = table.dropna(subset="title")
    found = zip(_indices(courses, titled["course_id"]).tolist(), titled["title"], strict=True)
    return {index: title for index, title in found if index >= 0}


def _links(
    row_vocabulary: Vocabulary,
    row_handles: pd.Series,
    column_vocabulary: Vocabulary,
    column_handles: pd.Series,
) -> sp.csr_matrix:
    """float32: 1 where the two stand in one row of the table, however often."""
    rows = _indices(row_vocabulary, row_handles)
    columns = _indices(column_vocabulary, column_handles)
    shape = (len(row_vocabulary), len(column_vocabulary))
    links = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    links.data[:] = 1
    return links


def _last_levels(
    viewers: NDArray[np.int32],
    viewed: NDArray[np.int32],
    levels: NDArray[np.int32],
    dates: pd.Series,
    shape: tuple[int, int],
) -> sp.csr_matrix:
    """int8 [users, courses]: 1 + index of the pair's last filled level.

    Last is by date, where a view without a date comes before all others, then by row.
    """
    filled = levels >= 0
    pairs = viewers.astype(np.int64) * shape[1] + viewed
    # NaT is the smallest int64; lexsort is stable, so that equal dates stay in the order of rows.
    times = dates.to_numpy("datetime64[us]").astype(np.int64)
    order = np.lexsort((times[filled], pairs[filled]))
    pairs, levels = pairs[filled][order], levels[filled][order]
    last = np.diff(pairs, append=-1) != 0
    entries = (levels[last] + 1).astype(np.int8)
    return sp.csr_matrix((entries, np.divmod(pairs[last], max(shape[1], 1))), shape=shape)
