"""What is known of users or courses, as networks look it up: a few features each, by number."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True)
class FeatureLists:
    """Of rows of a matrix [rows, features]; row 0 and feature 0 stand for nothing."""

    numbers: NDArray[np.int32]
    """int32 [1 + rows, width]: 1 + feature."""
    values: NDArray[np.float32]
    """float32 [1 + rows, width]"""

    @classmethod
    def of(cls, matrix: sp.csr_matrix) -> "FeatureLists":
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        place = np.arange(len(row)) - matrix.indptr[row]
        shape = 1 + matrix.shape[0], 1 + int(place.max(initial=0))
        numbers, values = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        numbers[1 + row, place] = 1 + matrix.indices
        values[1 + row, place] = matrix.data
        return cls(numbers, values)
