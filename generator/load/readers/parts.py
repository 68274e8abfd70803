"""One table from several files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from generator.load.categorical import constant
from generator.validation.columns import Table
from generator.validation.raw_table import DeclaredType, RawTable

# What Hive and Spark write for a value that is missing.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def combined(parts: Sequence[RawTable]) -> RawTable:
    """All rows of all parts, in their order; a column that a part lacks is empty there.

    Where the files say what type handles are, and not the same, the handles are text.
    """
    if len(parts) == 1:
        return parts[0]
    sources = list(dict.fromkeys(name for part in parts for name in part.parts or [part.source]))
    frames = [part.frame for part in parts]
    names = dict.fromkeys(str(name) for frame in frames for name in frame)
    columns = {
        name: union_categoricals([_column(frame, name) for frame in frames]) for name in names
    }
    rows = np.concatenate([frame.index.to_numpy() for frame in frames])
    first = parts[0]
    return replace(
        first,
        source=sources[0] + (f" and {len(sources) - 1:,} more" if len(sources) > 1 else ""),
        columns_found=list(dict.fromkeys(name for part in parts for name in part.columns_found)),
        frame=pd.DataFrame(columns, index=rows),
        declared=_declared(parts),
        malformed=pd.concat([_with_file(part) for part in parts], ignore_index=True),
        left_out=_summed(parts),
        remarks=tuple(dict.fromkeys(remark for part in parts for remark in part.remarks)),
        parts=tuple(sources),
        part_of_row=np.concatenate([_places(part, sources) for part in parts]),
    )


def with_partition_columns(raw: RawTable, table: Table, path: str) -> RawTable:
    """With columns that stand in the names of folders, as in `day=2024-05-01/part-0.parquet`."""
    pairs = [folder.partition("=") for folder in path.split("/")[:-1] if "=" in folder]
    said = {name: "" if value == NO_VALUE else unquote(value) for name, _, value in pairs}
    said = {name: value for name, value in said.items() if name not in raw.columns_found}
    if not said:
        return raw
    columns = {c.name: constant(said[c.name], len(raw.frame)) for c in table.columns_among(said)}
    found = [*raw.columns_found, *said]
    return replace(raw, frame=raw.frame.assign(**columns), columns_found=found)


def _column(frame: pd.DataFrame, name: str) -> pd.Categorical:
    if name in frame:
        cells = pd.Categorical(frame[name])
        # Those of a file without rows have no type of their own.
        return cells.set_categories(cells.categories.astype("str"))
    return constant("", len(frame))


def _declared(parts: Sequence[RawTable]) -> dict[str, DeclaredType]:
    declared: dict[str, DeclaredType] = {}
    for part in parts:
        for name, kind in part.declared.items():
            declared[name] = kind if declared.get(name, kind) == kind else "str"
    return declared


def _with_file(part: RawTable) -> pd.DataFrame:
    if "file" in part.malformed:
        return part.malformed
    return part.malformed.assign(file=part.source)


def _summed(parts: Sequence[RawTable]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for part in parts:
        sums.update(part.left_out)
    return dict(sums)


def _places(part: RawTable, sources: Sequence[str]) -> NDArray[np.int32]:
    if part.part_of_row is None:
        return np.full(len(part.frame), sources.index(part.source), np.int32)
    here = np.array([sources.index(source) for source in part.parts], np.int32)
    return here[part.part_of_row]
