"""From what to what courses are rated, declared or guessed, and what a rating makes of a view."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOPS = (1.0, 5.0, 10.0, 100.0)
"""Thumbs, stars, school marks, per cent."""
BOTTOM_OF_STARS = 1.0
ABOVE, BELOW = 0.01, 0.001
"""So many of all ratings may be beyond: one that is written 50 for 5 makes no per cent of stars."""


@dataclass(frozen=True)
class RatingScale:
    """The lowest and the highest rating that can be given, on the platform's own scale."""

    low: float = BOTTOM_OF_STARS
    high: float = 5.0

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    def endorsements(self, ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32: 0 for the lowest rating, 1 for the middle of the scale, 2 for the highest.

        A rating beyond the scale counts as the end that it is nearer to.
        """
        share = (ratings - self.low) / (self.high - self.low)
        endorsements: NDArray[np.float32] = (2 * np.clip(share, 0, 1)).astype(np.float32)
        return endorsements

    def beyond(self, ratings: NDArray[np.float32]) -> int:
        """How many of these are not on the scale."""
        return int(np.count_nonzero((ratings < self.low) | (ratings > self.high)))


def guessed_scale(ratings: NDArray[np.float32]) -> RatingScale:
    """Up to the lowest of 1, 5, 10 and 100 that 1 in 100 ratings exceed at most, else the largest.

    It begins at 1 where the top is 5 or 10, else at 0, unless more than 1 in 1,000 are lower.
    ratings: float32, without NaN; of none it is 1 to 5.
    """
    if not len(ratings):
        return RatingScale()
    ascending = np.sort(ratings)
    lowest = float(ascending[int(BELOW * len(ratings))])
    reached = float(ascending[-1 - int(ABOVE * len(ratings))])
    top = next((top for top in TOPS if reached <= top), float(ascending[-1]))
    bottom = min(lowest, BOTTOM_OF_STARS if top in (5.0, 10.0) else 0.0)
    return RatingScale(bottom, top if top > bottom else bottom + 1)
