"""A sample of the lists beside brute force in float64."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generator.nearest.top_n import TopN

TIE = 2e-6
"""Scores are rounded to 6 decimals, and this close they are tied."""


def share_right(
    top: TopN,
    rows: NDArray[np.int64],
    scores_of: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> float:
    """Share of the rows whose list is the true one up to ties.

    top: of all rows. scores_of: rows -> float64 [rows, candidates], -inf where not to be listed.
    A list is right if all its scores are those of its entries, none stands twice, and the k-th
    score is the k-th largest there is, for every k.
    """
    right = 0
    for row in rows:
        scores = scores_of(np.array([row]))[0]
        listed = top.indices[row][top.indices[row] >= 0]
        best = -np.sort(-scores)[: top.indices.shape[1]]
        best = best[best > -np.inf]
        right += (
            len(listed) == len(best) == len(set(listed.tolist()))
            and np.allclose(scores[listed], best, rtol=0, atol=TIE)
            and np.allclose(top.scores[row][: len(best)], best, rtol=0, atol=TIE)
        )
    return right / len(rows)
