"""Several tags in one cell."""

import numpy as np
import pandas as pd

from generator.validation.raw_table import RawTable

SPLIT = "|"


def split_cells(cells: pd.Series, sign: str) -> pd.Series:
    """One row a tag, under the index of the cell; categorical. A cell without a tag has one row,
    of the empty text."""
    lists = cells.cat.categories.str.split(sign, regex=False)
    tags = [sorted({tag.strip() for tag in found} - {""}) or [""] for found in lists]
    codes = cells.cat.codes.to_numpy()
    counts = np.array([len(found) for found in tags], dtype=np.int64)
    flat, names = pd.factorize(np.array([tag for found in tags for tag in found], dtype=object))
    starts = np.cumsum(counts) - counts
    repeats = counts[codes]
    inside = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    places = flat[np.repeat(starts[codes], repeats) + inside].astype(np.int32)
    values = pd.Categorical.from_codes(places, categories=pd.Index(names, dtype="str"))
    return pd.Series(values, index=np.repeat(cells.index, repeats), name=cells.name)


def tags_of(
    raw: RawTable, courses: pd.Series | pd.Categorical, cells: pd.Series, sign: str
) -> RawTable:
    """course_tags: each tag of a course once, of the first row that has it; for rows that another
    table accounts for.

    courses, cells: categorical, in the order of the raw table's rows.
    """
    pairs = pd.DataFrame({"course": pd.Categorical(courses), "cell": pd.Categorical(cells)})
    once = pairs[~pairs.duplicated()]
    tags = split_cells(once["cell"], sign)
    frame = pd.DataFrame(
        {"course_id": pairs["course"].iloc[tags.index].array, "course_tags": tags.array},
        index=raw.frame.index[tags.index],
    )
    frame = frame[~frame.duplicated().to_numpy() & (frame["course_id"] != "").to_numpy()]
    return RawTable("course_tags", raw.source, list(frame), frame)
