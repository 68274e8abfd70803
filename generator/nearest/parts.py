"""Work in parts that memory holds."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def positions_of(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64: all positions of these ranges, one range after the other."""
    before = np.cumsum(lengths) - lengths
    positions: NDArray[np.int64] = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return positions


def parts_of(costs: NDArray[np.number], most: float) -> Iterator[slice]:
    """Ranges of rows, in order, that cost at most `most` together, or of a single row.

    costs: [rows], none below 0. A few rows may cost as much as all others.
    """
    after = np.cumsum(costs)
    start, spent = 0, 0
    while start < len(costs):
        stop = int(np.searchsorted(after, spent + most, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start, spent = stop, after[stop - 1]
