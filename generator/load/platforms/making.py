"""Our tables from the columns of an export."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.categorical import constant, respelled
from generator.load.selection import without
from generator.validation.columns import NOT_ATTRIBUTES, TABLES
from generator.validation.raw_table import RawTable
from generator.validation.values import spread

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
    return spread(cells, lambda distinct: distinct.to_numpy(dtype=object)).astype(object)


def is_one_of(cells: pd.Series, *values: str) -> NDArray[np.bool_]:
    """Whether the cell holds one of the values, whatever its case."""
    return spread(cells, lambda distinct: distinct.str.casefold().isin(values)).astype(bool)


def looked_up(cells: pd.Series, keys: pd.Series, values: pd.Series) -> pd.Categorical:
    """For each cell the value that stands beside the same key, the last if several do; else ""."""
    meanings = dict(zip(texts(keys), texts(values), strict=True))
    return respelled(
        cells,
        lambda distinct: pd.Index([meanings.get(t, "") for t in distinct.str.strip()], dtype="str"),
    )


def _without_nulls(cells: pd.Series) -> pd.Categorical:
    return respelled(cells, lambda distinct: distinct.where(~distinct.isin(NULLS), ""))
