"""A ranked answer as two arrays, and the rules that every ranking keeps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PADDING = -1
SCORE_DECIMALS = 6


class TopN(NamedTuple):
    indices: NDArray[np.int32]
    """int32 [rows, n], best first, ties by lower index, padded with -1."""
    scores: NDArray[np.float32]
    """float32 [rows, n], 0 at the padding."""


def empty_top_n(rows: int, n: int) -> TopN:
    return TopN(np.full((rows, n), PADDING, np.int32), np.zeros((rows, n), np.float32))


def ordered(top: TopN) -> TopN:
    """The same entries by descending score, ties by lower index, padding last.

    Scores are rounded to 6 decimals first: float32 products of equal vectors differ in their last
    bits with the block they are computed in, and such noise must not order a list.
    """
    padding = top.indices < 0
    scores = np.round(top.scores, SCORE_DECIMALS)
    order = np.lexsort((top.indices, np.where(padding, np.inf, -scores)), axis=1)
    indices = np.take_along_axis(top.indices, order, axis=1)
    scores = np.take_along_axis(np.where(padding, 0, scores), order, axis=1)
    return TopN(indices.astype(np.int32), scores.astype(np.float32))
