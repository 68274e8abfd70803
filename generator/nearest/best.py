"""The best entries of many rows so far, as whole numbers that sort from best to worst.

    bit 63                       31                         0
       | bits of the score, such  | place among equal scores |
       | that larger ones sort    |                          |
       | first                    |                          |

`merge` lays a row's new entries beside its best so far, sorts, and cuts:

    best          3 5 9 | 4 7 .         3 4 5
    of two rows   2 6 . | 1 . .   ->    1 2 6      (. is nothing, and sorts last)
"""

import numpy as np
from numpy.typing import NDArray

SIGN = np.uint32(1 << 31)
SCORE_SHIFT = np.uint64(32)
NOTHING = np.uint64(2**64 - 1)
"""Where a row has fewer entries than places; it sorts last."""


def keys_of(scores: NDArray[np.float32], places: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """uint64: one number an entry; of equal scores the lower of `generator.nearest.ties` first."""
    # Float bits compare like whole numbers once negatives are flipped; + 0 unites -0 and 0.
    bits = (scores + np.float32(0)).view(np.uint32)
    descending = np.where(bits & SIGN, bits, ~(bits | SIGN)).astype(np.uint64)
    return (descending << SCORE_SHIFT) | places


def scores_of(keys: NDArray[np.uint64]) -> NDArray[np.float32]:
    """float32: -inf where there is nothing."""
    descending = (keys >> SCORE_SHIFT).astype(np.uint32)
    scores = np.where(descending & SIGN, descending, ~(descending | SIGN)).view(np.float32)
    return np.where(keys == NOTHING, np.float32(-np.inf), scores)


def places_of(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """uint32: meaningless where there is nothing."""
    return keys.astype(np.uint32)


def merge(best: NDArray[np.uint64], row: NDArray[np.int64], keys: NDArray[np.uint64]) -> None:
    """best: [rows, width], sorted. Put new `keys` of these rows into it, in place."""
    counts = np.bincount(row, minlength=len(best))
    touched = np.flatnonzero(counts)
    if not len(touched):
        return
    # numpy sorts numbers of 16 bits by radix, and that only.
    sortable = row.astype(np.uint16) if len(best) <= 2**16 else row
    by_row = np.argsort(sortable, kind="stable")
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    width = best.shape[1]
    both = np.full((len(touched), width + counts.max()), NOTHING)
    both[:, :width] = best[touched]
    place_of_row = np.cumsum(counts > 0) - 1
    both[place_of_row[row[by_row]], width + np.arange(len(row)) - starts] = keys[by_row]
    both.sort(axis=1)
    best[touched] = both[:, :width]
