"""What several models list for the same users, side by side, with scores that can be added.

one model      7 3 9 .            entries   3   5   7   9
another        5 7 . .     ->     one       .5  0   1   .2
                                  another   0   1   .6  0
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.nearest.top_n import PADDING, TopN

Scale = Literal["rank", "flat-rank", "z-score"]
HALVED = {"rank": np.float32(10), "flat-rank": np.float32(60)}
"""After so many entries the score by rank is half that of the first."""
LAST = 0.1
"""What the last entry of a list scores: more than what is not in it."""


class Union(NamedTuple):
    entries: NDArray[np.int32]
    """int32 [users, width]: every course, or user, that any model lists for the user, ascending."""
    scores: NDArray[np.float32]
    """float32 [models, users, width]: 0 where the model does not list the entry."""
    knows: NDArray[np.bool_]
    """bool [models, users]: whether the model has a list for the user."""

    def blended(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [users, width]: the weighted mean over the models that know the user.

        weights: float32 [models, users], or [models, 1], none below 0. Where those that know a user
        have no weight, they count alike.
        """
        share = weights * self.knows
        unweighted = ~share.any(axis=0)
        share[:, unweighted] = self.knows[:, unweighted]
        share /= np.maximum(share.sum(axis=0), np.finfo(np.float32).tiny)
        blended: NDArray[np.float32] = np.einsum("mu,muw->uw", share, self.scores)
        return blended


def union_of(lists: Sequence[TopN], scale: Scale) -> Union:
    """lists: [users, n] of each model, of the same users."""
    users = len(lists[0].indices)
    model = np.repeat(np.arange(len(lists)), [top.indices.shape[1] for top in lists])
    entries = np.hstack([top.indices for top in lists])
    scores = np.hstack([comparable(top, scale) for top in lists])
    order = np.argsort(entries, axis=1, kind="stable")
    entries = np.take_along_axis(entries, order, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    listed = entries != PADDING
    is_first = listed & (np.diff(entries, axis=1, prepend=PADDING) != 0)
    place = np.cumsum(is_first, axis=1) - 1
    width = int(place.max(initial=-1)) + 1
    union = Union(
        np.full((users, width), PADDING, np.int32),
        np.zeros((len(lists), users, width), np.float32),
        np.stack([(top.indices != PADDING).any(axis=1) for top in lists]),
    )
    row, column = np.nonzero(listed)
    at = place[row, column]
    union.entries[row, at] = entries[row, column]
    union.scores[model[order[row, column]], row, at] = scores[row, column]
    return union


def comparable(top: TopN, scale: Scale) -> NDArray[np.float32]:
    """float32 [users, n]: scores of one model that mean the same as those of another; 0 at padding.

    rank: 10 / (9 + rank); flat-rank: 60 / (59 + rank), as reciprocal rank fusion has it (Cormack,
    Clarke & Buettcher, SIGIR 2009), so that it counts more who lists an entry than where. z-score:
    standard deviations of the user's own list, from LAST at its last entry.
    """
    listed = top.indices != PADDING
    if scale in HALVED:
        falling = HALVED[scale] / (HALVED[scale] + np.arange(listed.shape[1], dtype=np.float32))
        return np.where(listed, falling, np.float32(0))
    counts = np.maximum(listed.sum(axis=1, keepdims=True), 1)
    mean = top.scores.sum(axis=1, keepdims=True) / counts
    apart = np.where(listed, top.scores - mean, 0)
    deviation = np.sqrt((apart**2).sum(axis=1, keepdims=True) / counts)
    z_scores = apart / np.maximum(deviation, np.finfo(np.float32).tiny)
    least = np.where(listed, z_scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    return np.where(listed, z_scores - least + LAST, 0).astype(np.float32)
