"""Interactions from a sparse matrix that scipy saved: users by items."""

import zipfile
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.load.layout import Layout
from generator.load.sources.folders import unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.raw_table import RawTable
from shared.errors import DataError

COLUMNS = ["user", "item", "weight"]


def read_sparse_matrix(file: TableFile, layout: Layout) -> RawTable:
    """Handles are row and column numbers, from 0; entries are weights.

    Raises DataError if the file is no sparse matrix.
    """
    try:
        # Never pickled objects: numpy refuses them unless asked.
        entries = cast(sp.coo_matrix, sp.load_npz(file.anywhere).tocoo())
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{file.source} holds no sparse matrix ({error}): write it with scipy.sparse.save_npz."
        ) from error
    except OSError as error:
        raise unreadable(file.source, error) from error
    places, weights = pd.factorize(entries.data)
    frame = pd.DataFrame(
        {
            "user": _numbered(entries.row, entries.shape[0]),
            "item": _numbered(entries.col, entries.shape[1]),
            "weight": pd.Categorical.from_codes(places, [f"{weight:.9g}" for weight in weights]),
        },
        index=np.arange(1, entries.nnz + 1),
    )
    columns = dict(zip(("user_handle", "course_id", "view_time_seconds"), COLUMNS, strict=True))
    raw = RawTable(file.table, file.source, COLUMNS, frame)
    return replace(layout, columns=columns, weight_is_seconds=False).as_views(raw)


def _numbered(places: NDArray[np.int32], count: int) -> pd.Categorical:
    return pd.Categorical.from_codes(places, categories=[str(place) for place in range(count)])
