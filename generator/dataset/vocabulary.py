"""The only place where handles from outside meet row numbers."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shared.records import Handle

UNKNOWN = -1


class Vocabulary:
    """Distinct handles in ascending order; a handle's index is its place in that order.

    All handles are integers or all are text. Ascending order makes row numbers the same in every
    run.
    """

    def __init__(self, handles: Iterable[Handle] | pd.Series) -> None:
        distinct = pd.Index(handles).unique()
        self._index = distinct.sort_values() if len(distinct) else pd.Index([], dtype="int64")

    def __len__(self) -> int:
        return len(self._index)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} handles)"

    @property
    def is_integer(self) -> bool:
        return bool(pd.api.types.is_integer_dtype(self._index.dtype))

    def index_of(self, handles: Sequence[Handle] | pd.Series) -> NDArray[np.int32]:
        """Row numbers, int32, one a handle; UNKNOWN (-1) where the handle is not in here."""
        indices: NDArray[np.int32] = self._index.get_indexer(pd.Index(handles)).astype(np.int32)
        return indices

    def handles(self, indices: NDArray[np.int32] | None = None) -> list[Handle]:
        """The handles of these row numbers (default: all) as Python ints or strs."""
        found: list[Handle] = self._objects[slice(None) if indices is None else indices].tolist()
        return found

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """uint64, one a handle: the same in every process, whatever else is in the vocabulary."""
        dtype = np.int64 if self.is_integer else object
        values = self._index.to_numpy(dtype=dtype)
        hashes: NDArray[np.uint64] = pd.util.hash_array(values, categorize=False)
        return hashes

    @cached_property
    def _objects(self) -> NDArray[np.object_]:
        # One Python object a handle, however many lists it stands in.
        objects: NDArray[np.object_] = self._index.to_numpy(dtype=object)
        return objects
