"""Our tables from the columns of an export."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.selection import rows_of
from generator.load.tags import split_cells
from generator.validation.columns import NOT_ATTRIBUTES, TABLES
from generator.validation.raw_table import RawTable

NULLS = ("NULL", r"\N", "null", "None")
Cells: TypeAlias = pd.Series | pd.Categorical


def table_of(raw: RawTable, name: str, columns: Mapping[str, Cells | str]) -> RawTable:
    """The rows as the table of this name; a text is in every row, and what is not given is empty.

    The columns are in the order of the raw table's rows.
    """
    needed = dict.fromkeys([*TABLES[name].required_names, *columns])
    cells = {column: columns.get(column, "") for column in needed}
    frame = pd.DataFrame(
        {
            column: constant(value, len(raw.frame)) if isinstance(value, str) else plain(value)
            for column, value in cells.items()
        },
        index=raw.frame.index,
    )
    return replace(raw, name=name, frame=frame, columns_found=list(frame), declared={})


def derived(raw: RawTable, name: str, columns: Mapping[str, Cells | str]) -> RawTable:
    """A second table from the rows of a first, which accounts for them; each row once, and none
    whose first column is empty."""
    frame = table_of(raw, name, columns).frame
    filled = ~frame.duplicated().to_numpy() & (frame.iloc[:, 0].astype(str) != "").to_numpy()
    frame = frame[filled]
    return RawTable(name, raw.source, [str(column) for column in frame], frame)


def tags_of(raw: RawTable, courses: Cells, cells: pd.Series, sign: str) -> RawTable:
    """course_tags from cells of several, for rows that another table accounts for."""
    tags = split_cells(pd.Series(plain(cells)), sign)
    frame = pd.DataFrame(
        {"course_id": pd.Series(plain(courses)).iloc[tags.index].array, "course_tags": tags.array},
        index=raw.frame.index[tags.index],
    )
    frame = frame[~frame.duplicated().to_numpy() & (frame["course_id"] != "").to_numpy()]
    return RawTable("course_tags", raw.source, list(frame), frame)


def with_lookups(table: RawTable, *lookups: RawTable | None) -> RawTable:
    """With a remark on each table whose rows are no rows of ours, but were looked up for them."""
    remarks = [
        f"{raw.source}: {len(raw.frame):,} rows looked up, "
        f"{len(raw.malformed) + sum(raw.left_out.values()):,} not usable."
        for raw in lookups
        if raw is not None
    ]
    return replace(table, remarks=(*table.remarks, *remarks))


def weighed(views: RawTable) -> RawTable:
    """The views with weights where their times would be, since nothing measured them."""
    columns = [
        replace(column, kind="weight", may_be_empty=True) if column.kind == "seconds" else column
        for column in views.columns
    ]
    return replace(views, known_columns=tuple(columns))


def once(table: RawTable, why: str) -> RawTable:
    """Each row once; the others are left out for this reason."""
    return without(table, table.frame.duplicated().to_numpy(), why)


def attributes_of(raw: RawTable, *said: str) -> dict[str, Cells | str]:
    """The columns that are not said elsewhere, as attributes of their names."""
    names = [str(name) for name in raw.frame if name not in (*said, *NOT_ATTRIBUTES)]
    return {name: raw.frame[name] for name in names}


def without_nulls(raw: RawTable) -> RawTable:
    """With nothing where a database writes a word for it."""
    columns = {name: _without_nulls(raw.frame[name]) for name in raw.frame}
    return replace(raw, frame=pd.DataFrame(columns, index=raw.frame.index))


def without(raw: RawTable, unfit: NDArray[np.bool_], why: str) -> RawTable:
    """Without the rows that are unfit, which are left out for this reason."""
    if not unfit.any():
        return raw
    left_out = {**raw.left_out, why: raw.left_out.get(why, 0) + int(unfit.sum())}
    return replace(rows_of(raw, ~unfit), left_out=left_out)


def constant(value: str, rows: int) -> pd.Categorical:
    categories = pd.Index([value], dtype="str")
    return pd.Categorical.from_codes(np.zeros(rows, np.int8), categories=categories)


def plain(cells: Cells | NDArray[np.object_]) -> pd.Categorical:
    """Categorical text, "" where nothing is."""
    if isinstance(cells, pd.Series) and isinstance(cells.dtype, pd.CategoricalDtype):
        return pd.Categorical(cells)
    if isinstance(cells, pd.Categorical):
        return cells
    codes, values = pd.factorize(pd.Index(cells, dtype="str"))
    return pd.Categorical.from_codes(codes.astype(np.int32), categories=values)


def texts(cells: pd.Series) -> NDArray[np.object_]:
    """Each row's text without blanks around it."""
    stripped: NDArray[np.object_] = cells.cat.categories.str.strip().to_numpy(dtype=object)
    by_row: NDArray[np.object_] = stripped[cells.cat.codes.to_numpy()]
    return by_row


def is_one_of(cells: pd.Series, *values: str) -> NDArray[np.bool_]:
    """Whether the cell holds one of the values, whatever its case."""
    fits = np.asarray(cells.cat.categories.str.strip().str.casefold().isin(values), bool)
    by_row: NDArray[np.bool_] = fits[cells.cat.codes.to_numpy()]
    return by_row


def looked_up(cells: pd.Series, keys: pd.Series, values: pd.Series) -> pd.Categorical:
    """For each cell the value that stands beside the same key, the last if several do; else ""."""
    meanings = dict(zip(texts(keys), texts(values), strict=True))
    distinct = [meanings.get(text, "") for text in cells.cat.categories.str.strip()]
    codes, names = pd.factorize(pd.Index(distinct, dtype="str"))
    places = codes.astype(np.int32)[cells.cat.codes.to_numpy()]
    return pd.Categorical.from_codes(places, categories=names)


def _without_nulls(cells: pd.Series) -> pd.Categorical:
    categories = cells.cat.categories
    if not categories.isin(NULLS).any():
        return pd.Categorical(cells)
    codes, names = pd.factorize(categories.where(~categories.isin(NULLS), ""))
    places = codes.astype(np.int32)[cells.cat.codes.to_numpy()]
    return pd.Categorical.from_codes(places, categories=names)
