"""Somebody else's interactions as our tables: views, and what else their rows say."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from generator.load.layout import JOINED_BY, Layout
from generator.load.tags import tags_of
from generator.validation.raw_table import RawTable
from shared.errors import DataError


def tables_of(raw: RawTable, layout: Layout) -> list[RawTable]:
    """Rows under the file's own names -> views; tags of courses, if a column holds any; and
    reviews, if a rating may be too low to count.

    A course that somebody rated too low is thus known as rated, and never recommended to them.
    Raises DataError if the file lacks a declared column.
    """
    raw = _with_joined(raw, list(layout.columns.values()))
    layout.check(raw)
    chosen, unliked = layout.selection.of(raw)
    tables = [layout.as_views(chosen)]
    if tags := layout.selection.tags:
        courses, cells = (raw.frame[name] for name in (layout.columns["course_id"], tags))
        tables.append(tags_of(raw, courses, cells, layout.selection.split))
    if unliked is not None:
        tables.append(_reviews(unliked, layout))
    return tables


def check_parts(parts: Sequence[RawTable], layout: Layout) -> None:
    """Raises DataError if one of several files has no column of users or items, and others do."""
    for name in (layout.columns.get("user_handle"), layout.columns.get("course_id")):
        names = {name, *str(name).split(JOINED_BY)}
        lacking = [part for part in parts if not names & {*part.columns_found}]
        if lacking and len(lacking) < len(parts) and (odd := [p for p in lacking if len(p.frame)]):
            raise DataError(
                f"{odd[0].source} has no column {name}, and {len(parts) - len(lacking)} other "
                "files have: if it is no part of them, let DATA_URL be a pattern that names the "
                "parts alone."
            )


def joined(columns: Sequence[pd.Series], source: str) -> pd.Series:
    """Several columns in one, with JOINED_BY between; empty where one of them is.

    Raises DataError if two different combinations would be written alike.
    """
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        # Numbered anew at each step, so that no product of counts can overflow.
        key, _ = pd.factorize(key * (len(column.cat.categories) + 1) + column.cat.codes)
    firsts = np.unique(key, return_index=True)[1]
    combinations = list(
        zip(*(column.iloc[firsts].astype(str).str.strip() for column in columns), strict=True)
    )
    written = [JOINED_BY.join(parts) if all(parts) else "" for parts in combinations]
    if len({*written}) < len({parts if all(parts) else () for parts in combinations}):
        raise DataError(
            f"{source} has values with {JOINED_BY} in columns that are to be joined, and two "
            "different pairs would become one handle: join them in the export."
        )
    places, names = pd.factorize(pd.Index(written, dtype="str"))
    values = pd.Categorical.from_codes(places.astype(np.int32)[key], categories=names)
    return pd.Series(values, index=columns[0].index)


def _with_joined(raw: RawTable, names: Sequence[str]) -> RawTable:
    """With the columns that are declared as `item=module+presentation`."""
    for name in names:
        parts = name.split(JOINED_BY)
        if name not in raw.columns_found and len(parts) > 1 and {*parts} <= {*raw.columns_found}:
            column = joined([raw.frame[part] for part in parts], raw.source)
            raw = replace(
                raw,
                frame=raw.frame.assign(**{name: column}),
                declared={**raw.declared, name: "str"},
                columns_found=[*raw.columns_found, name],
            )
    return raw


def _reviews(unliked: RawTable, layout: Layout) -> RawTable:
    views = layout.as_views(unliked).frame
    frame = pd.DataFrame(
        {
            "user_handle": views["user_handle"],
            "course_id": views["course_id"],
            "review_date": views["view_date"],
            "rating": unliked.frame[layout.selection.rating],
        }
    )
    return RawTable("course_reviews", unliked.source, [str(name) for name in frame], frame)
