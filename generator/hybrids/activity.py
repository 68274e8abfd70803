"""How much is known of a user, in five bins, and weights that go one way from bin to bin.

viewed courses     0, 1     2     3-5     6-20     21 and more
collaborative      .3   <= .3 <=  .5  <=   .8  <=  .8            of the whole weight
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from generator.dataset.dataset import Dataset, Input
from generator.models.registry import model_class

MOST = (1, 2, 5, 20)
"""Viewed courses of those in each bin but the last, at most."""
BINS = ("1", "2", "3_to_5", "6_to_20", "over_20")
COUNTED_AS = 200.0
"""What is known of all users counts in each bin like so many users of the bin."""
OF_OTHERS: frozenset[Input] = frozenset(("views", "interactions", "levels"))
"""Inputs of which a model can only learn what other users did."""


def bin_of(dataset: Dataset, users: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64 [users]: 0 to 4, by how many courses each has viewed."""
    courses = np.diff(dataset.seen.indptr)[users]
    bins: NDArray[np.int64] = np.searchsorted(MOST, courses)
    return bins


def is_collaborative(handle: str) -> bool:
    """True if a model needs a user's own views to be like others': it knows little of the new."""
    named = model_class(handle)
    of_views_alone = OF_OTHERS.issuperset(named.needs) and "user_attributes" not in named.wants
    return named.is_personal and of_views_alone


def shrunk(
    of_bins: NDArray[np.float32], users: NDArray[np.int64], of_all: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Weights of each bin, drawn to those of all users the more the fewer it has.

    of_bins: float32 [bins, models]. users: int64 [bins].
    """
    own = (users / (users + COUNTED_AS)).astype(np.float32)[:, None]
    return own * of_bins + (1 - own) * of_all


def growing(
    weights: NDArray[np.float32], users: NDArray[np.int64], grows: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """The nearest weights in which the share of those that grow falls from no bin to the next.

    weights: float32 [bins, models], rows adding up to 1. users: int64 [bins], how much each bin's
    share counts. grows: bool [models]. Isotonic regression of the share: neighbours that fall get
    their mean (pool adjacent violators; Barlow & Brunk, JASA 1972), a bin without users what lies
    between its neighbours. Within a group, proportions stay.
    """
    shares = weights[:, grows].sum(axis=1)
    counted = np.flatnonzero(users)
    if not len(counted) or grows.all() or not grows.any():
        return weights
    fitted = IsotonicRegression(out_of_bounds="clip")
    fitted.fit(counted, shares[counted], sample_weight=users[counted])
    wanted = fitted.predict(np.arange(len(users))).astype(np.float32)
    together = np.average(weights, axis=0, weights=users)
    moved = np.empty_like(weights)
    for group, share in ((grows, wanted), (~grows, 1 - wanted)):
        moved[:, group] = share[:, None] * _proportions(weights[:, group], together[group])
    return moved


def _proportions(
    weights: NDArray[np.float32], otherwise: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Rows adding up to 1; those without any weight are like `otherwise`, or all alike."""
    otherwise = otherwise if otherwise.any() else np.ones_like(otherwise)
    rows = np.where(weights.any(axis=1, keepdims=True), weights, otherwise)
    proportions: NDArray[np.float32] = rows / rows.sum(axis=1, keepdims=True)
    return proportions
