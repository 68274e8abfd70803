"""How much a view counts, for models that count more than that it was."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from generator.dataset.interactions import Interactions
from generator.dataset.take_ups import take_ups

MICROSECONDS_PER_DAY = 86_400_000_000


def damped_minutes(view_seconds: sp.csr_matrix) -> sp.csr_matrix:
    """float32 [users, courses]: ``ln(1 + t / 60)`` for t seconds.

    Long views count for more, but not in proportion. 0 seconds are no evidence, and no entry.
    """
    minutes = (view_seconds / 60).log1p().tocsr().astype(np.float32)
    minutes.eliminate_zeros()
    return minutes


def minutes_since(dataset: Dataset, since: NDArray[np.int64]) -> sp.csr_matrix:
    """float32 [users, courses]: `damped_minutes` of what each took up at a moment or later.

    since: int64 [users], microseconds since 1970; UNDATED is before everything. What was taken up
    without a date counts too.
    """
    minutes = damped_minutes(dataset.view_seconds)
    taken = take_ups(dataset.interactions, len(dataset.courses))
    times = dataset.interactions.times[taken.views]
    later = (times == UNDATED) | (times >= since[taken.users])
    kept = taken._replace(users=taken.users[later], courses=taken.courses[later])
    since_then = minutes.multiply(kept.matrix(minutes.shape)).tocsr()
    since_then.sort_indices()
    return since_then


def mean_minutes(view_seconds: sp.csr_matrix) -> float:
    """Mean of `damped_minutes` over all views that have any; 1 where there are none."""
    minutes = damped_minutes(view_seconds)
    return float(minutes.data.mean(dtype=np.float64)) if minutes.nnz else 1.0


def recent_minutes(dataset: Dataset, half_life_days: float) -> sp.csr_matrix:
    """float32 [users, courses]: `damped_minutes`, halved for every so many days before the user's
    last view; 0 halves nothing.

    A course counts by its last view. Views without a date are halved by none. Whoever else there is
    changes nothing of it.
    """
    views = dataset.view_seconds
    if not half_life_days or not views.nnz:
        return damped_minutes(views)
    days = _days_before_last(views, dataset.interactions)
    minutes = np.log1p(views.data / 60) * np.exp2(-days / half_life_days)
    recent = sp.csr_matrix(
        (minutes.astype(np.float32), views.indices.copy(), views.indptr.copy()), shape=views.shape
    )
    recent.eliminate_zeros()
    return recent


def _days_before_last(views: sp.csr_matrix, interactions: Interactions) -> NDArray[np.float64]:
    """float64, one for each entry of `views`: 0 where it has no date."""
    rows = np.repeat(np.arange(views.shape[0], dtype=np.int64), np.diff(views.indptr))
    pairs = rows * views.shape[1] + views.indices
    keys = interactions.users.astype(np.int64) * views.shape[1] + interactions.courses
    last = np.full(views.nnz, UNDATED)
    # Each user's views are in the order of time, and of several to one place numpy keeps the last.
    last[np.searchsorted(pairs, keys)] = interactions.times
    ends = interactions.offsets[rows + 1] - 1
    microseconds = interactions.times[ends] - np.where(last == UNDATED, 0, last)
    return np.where(last == UNDATED, 0, microseconds / MICROSECONDS_PER_DAY)
