"""Draws that data about people tend to follow, and how a total is dealt out exactly."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Purpose(IntEnum):
    TAGS = 0
    COURSES = 1
    PRESENCE = 2
    LEARNERS = 3
    COURSE_TAGS = 4
    FOLLOWS = 5
    VIEWS = 6
    ASSESSMENTS = 7


def stream(seed: int, purpose: Purpose, block: int = 0) -> np.random.Generator:
    """Each block of each table draws from its own stream: none depends on what came before."""
    return np.random.default_rng([seed, purpose, block])


def power_law(size: int, exponent: float) -> NDArray[np.float64]:
    """Weights that fall with rank and sum to 1."""
    weights = np.arange(1, size + 1, dtype=np.float64) ** -exponent
    normal: NDArray[np.float64] = weights / weights.sum()
    return normal


def deal(
    rng: np.random.Generator, total: int, members: NDArray[np.int64], size: int, most: int
) -> NDArray[np.int64]:
    """int64 [size]: `total` dealt to `members`, long-tailed, each getting 1..most, others 0.

    If the total is too small or too large for that, it is met as nearly as possible.
    """
    counts = np.zeros(size, dtype=np.int64)
    if not len(members):
        return counts
    weights = np.minimum(rng.lognormal(0.0, 0.9, len(members)), 8.0)
    dealt = np.clip(np.floor(weights / weights.sum() * total).astype(np.int64), 1, most)
    total = int(np.clip(total, len(members), len(members) * most))
    while missing := total - int(dealt.sum()):
        open_to_change = np.flatnonzero(dealt < most if missing > 0 else dealt > 1)
        chosen = rng.permutation(open_to_change)[: abs(missing)]
        dealt[chosen] += np.sign(missing)
    counts[members] = dealt
    return counts


def first_arrivals(
    rng: np.random.Generator, rates: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of `counts[row]` different columns of each row, likelier at higher rates.

    `rates` [rows, columns] are positive; an infinite one is always chosen. This is sampling
    without replacement by exponential clocks (Efraimidis and Spirakis, 2006).
    """
    most = int(counts.max(initial=0))
    if not most:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    arrivals = rng.exponential(size=rates.shape) / rates
    early = np.argpartition(arrivals, most - 1, axis=1)[:, :most]
    order = np.argsort(np.take_along_axis(arrivals, early, axis=1), axis=1)
    early = np.take_along_axis(early, order, axis=1)
    chosen = np.arange(most) < counts[:, None]
    return np.nonzero(chosen)[0], early[chosen]


def within_group(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2, ... within each run of equal values of a sorted array."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.arange(len(groups)) - np.repeat(starts, np.diff(starts, append=len(groups)))
