"""How much a view counts, for models that count more than that it was."""

import numpy as np
import scipy.sparse as sp


def view_weights(view_seconds: sp.csr_matrix) -> sp.csr_matrix:
    """float32 [users, courses]: ``ln(1 + t / 60)`` for t seconds, divided by the mean over views.

    Long views count for more, but not in proportion; views of equal length all count 1. 0 seconds
    are no evidence, and no entry.
    """
    weights = (view_seconds / 60).log1p().tocsr().astype(np.float32)
    weights.eliminate_zeros()
    if weights.nnz:
        weights.data /= weights.data.mean(dtype=np.float64)
    return weights
