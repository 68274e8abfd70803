"""The best entries of many rows so far, as whole numbers that sort from best to worst."""

import numpy as np
from numpy.typing import NDArray

SIGN = np.uint32(1 << 31)
SCORE_SHIFT = np.uint64(32)
NOTHING = np.uint64(2**64 - 1)
"""Where a row has fewer entries than places; it sorts last."""


def keys_of(scores: NDArray[np.float32], indices: NDArray[np.int64]) -> NDArray[np.uint64]:
    """uint64: one number an entry; of equal scores the lower index sorts first."""
    # Float bits compare like whole numbers once negatives are flipped; + 0 unites -0 and 0.
    bits = (scores + np.float32(0)).view(np.uint32)
    descending = np.where(bits & SIGN, bits, ~(bits | SIGN)).astype(np.uint64)
    return (descending << SCORE_SHIFT) | indices.astype(np.uint64)


def scores_of(keys: NDArray[np.uint64]) -> NDArray[np.float32]:
    """float32: -inf where there is nothing."""
    descending = (keys >> SCORE_SHIFT).astype(np.uint32)
    scores = np.where(descending & SIGN, descending, ~(descending | SIGN)).view(np.float32)
    return np.where(keys == NOTHING, np.float32(-np.inf), scores)


def indices_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """int64: meaningless where there is nothing."""
    return (keys & np.uint64(2**32 - 1)).astype(np.int64)


def merge(best: NDArray[np.uint64], row: NDArray[np.int64], keys: NDArray[np.uint64]) -> None:
    """best: [rows, width], sorted. Put new `keys` of these rows into it, in place."""
    counts = np.bincount(row, minlength=len(best))
    touched = np.flatnonzero(counts)
    if not len(touched):
        return
    by_row = np.argsort(row.astype(np.uint16), kind="stable")  # a radix sort for 16 bits only
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    width = best.shape[1]
    both = np.full((len(touched), width + counts.max()), NOTHING)
    both[:, :width] = best[touched]
    place_of_row = np.cumsum(counts > 0) - 1
    both[place_of_row[row[by_row]], width + np.arange(len(row)) - starts] = keys[by_row]
    both.sort(axis=1)
    best[touched] = both[:, :width]
