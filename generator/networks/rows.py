"""Tables whose row 0 stands for nobody and nothing."""

import numpy as np
from numpy.typing import NDArray


def after_nothing(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """float32 [1 + rows, any]: the same rows after one of zeros."""
    return np.vstack([np.zeros((1, rows.shape[1]), np.float32), rows]).astype(
        np.float32, copy=False
    )
