"""Columns of validated tables, made and put behind one another."""

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals


def categorical(values: pd.Index) -> pd.Categorical:
    """Missing values have no category."""
    codes, categories = pd.factorize(values)
    return pd.Categorical.from_codes(codes, categories=categories)


def joined(cells: pd.Series, more: pd.Series) -> pd.Categorical | np.ndarray:
    """Both columns as one, categorical if they are."""
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return np.concatenate([cells.to_numpy(), more.to_numpy()])
    parts = [part.cat.remove_unused_categories() for part in (cells, more)]
    filled = [part for part in parts if len(part.cat.categories)]
    # Where nothing is, the categories of the other say what it would be.
    like = (filled or parts)[0].cat.categories
    return union_categoricals(
        [part if len(part.cat.categories) else part.cat.set_categories(like) for part in parts]
    ).remove_unused_categories()
