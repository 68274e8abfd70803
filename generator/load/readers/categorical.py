"""Text of pyarrow as the categorical columns that validation works on."""

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
