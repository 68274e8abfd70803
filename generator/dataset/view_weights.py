"""How much a view counts, for models that count more than that it was."""

import numpy as np
import scipy.sparse as sp


def damped_minutes(view_seconds: sp.csr_matrix) -> sp.csr_matrix:
    """float32 [users, courses]: ``ln(1 + t / 60)`` for t seconds.

    Long views count for more, but not in proportion. 0 seconds are no evidence, and no entry.
    """
    minutes = (view_seconds / 60).log1p().tocsr().astype(np.float32)
    minutes.eliminate_zeros()
    return minutes


def mean_minutes(view_seconds: sp.csr_matrix) -> float:
    """Mean of `damped_minutes` over all views that have any; 1 where there are none."""
    minutes = damped_minutes(view_seconds)
    return float(minutes.data.mean(dtype=np.float64)) if minutes.nnz else 1.0


def view_weights(view_seconds: sp.csr_matrix, mean: float) -> sp.csr_matrix:
    """float32 [users, courses]: `damped_minutes` over their `mean`.

    Views of average length count 1. A model keeps the mean that it was fitted with, so that later
    views change nobody else's weights.
    """
    weights = damped_minutes(view_seconds)
    weights.data /= mean
    return weights
