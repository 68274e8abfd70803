"""Text as the categorical columns that validation works on."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa


def as_categorical(values: pa.ChunkedArray) -> pd.Categorical:
    """Distinct values alone are converted; an empty cell becomes the empty text."""
    encoded = values.dictionary_encode().unify_dictionaries().combine_chunks()
    texts = pd.Index(encoded.dictionary.cast(pa.string()).to_pandas(), dtype="str")
    codes = encoded.indices.fill_null(len(texts)).to_numpy()
    if "" in texts:
        return pd.Categorical.from_codes(
            np.where(codes == len(texts), texts.get_loc(""), codes), categories=texts
        )
    return pd.Categorical.from_codes(codes, categories=texts.append(pd.Index([""], dtype="str")))


def constant(value: str, rows: int) -> pd.Categorical:
    categories = pd.Index([value], dtype="str")
    return pd.Categorical.from_codes(np.zeros(rows, np.int8), categories=categories)


def respelled(cells: pd.Series, of_distinct: Callable[[pd.Index], pd.Index]) -> pd.Categorical:
    """The cells with each distinct text replaced; texts that become equal become one."""
    codes, texts = pd.factorize(of_distinct(cells.cat.categories))
    places = np.asarray(codes, np.int32)[cells.cat.codes.to_numpy()]
    return pd.Categorical.from_codes(places, categories=texts)
