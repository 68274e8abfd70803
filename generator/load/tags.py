"""Several tags in one cell."""

import numpy as np
import pandas as pd

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
