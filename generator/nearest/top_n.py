"""A ranked answer as two arrays, and the rules that every ranking keeps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.nearest.ties import Ties

PADDING = -1
SCORE_DECIMALS = 6
SCALE = np.float32(10**SCORE_DECIMALS)
WHOLE_FROM = np.float32(8)
ENTRIES_PER_PART = 2**18


class TopN(NamedTuple):
    indices: NDArray[np.int32]
    """int32 [rows, n], best first, ties by `generator.nearest.ties`, padded with -1."""
    scores: NDArray[np.float32]
    """float32 [rows, n], 0 at the padding."""

    def first(self, n: int) -> "TopN":
        """The best `n` of each row, or all if there are fewer."""
        return TopN(self.indices[:, :n], self.scores[:, :n])


def empty_top_n(rows: int, n: int) -> TopN:
    return TopN(np.full((rows, n), PADDING, np.int32), np.zeros((rows, n), np.float32))


def rounded(scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """float32: to 6 decimals, and no different if rounded again.

    Float32 products of equal vectors differ in their last bits with the block they are computed in,
    and such noise must not order a list.
    """
    scores = scores.astype(np.float32)
    small = np.rint(scores * SCALE) / SCALE
    # Neighbouring float32 are further apart than that from 8 on; and -0 is no other score than 0.
    small = np.where(np.abs(scores) < WHOLE_FROM, small, scores) + np.float32(0)
    return np.asarray(small, np.float32)


def ordered(top: TopN, ties: Ties) -> TopN:
    """The same entries by descending score to 6 decimals, ties by the rule, padding last.

    In the place of `top`, some rows at a time: long lists of many are large.
    """
    step = max(1, ENTRIES_PER_PART // max(1, top.indices.shape[1]))
    for start in range(0, len(top.indices), step):
        rows = slice(start, start + step)
        _order(TopN(top.indices[rows], top.scores[rows]), ties.of(rows))
    return top


def _order(top: TopN, ties: Ties) -> None:
    padding = top.indices < 0
    scores = np.where(padding, -np.inf, rounded(top.scores))
    top.scores[:] = np.where(padding, 0, scores)
    # Most lists come in order and without a tie: only the others are worth the places.
    falls = (scores[:, :-1] > scores[:, 1:]) | padding[:, 1:]
    rows = np.flatnonzero(~falls.all(axis=1))
    if not len(rows):
        return
    indices, scores = top.indices[rows], scores[rows]
    places = ties.order.places(ties.salts[rows, None, :], np.maximum(indices, 0))
    order = np.lexsort((places, -scores), axis=1)
    top.indices[rows] = np.take_along_axis(indices, order, axis=1)
    top.scores[rows] = np.take_along_axis(top.scores[rows], order, axis=1)
