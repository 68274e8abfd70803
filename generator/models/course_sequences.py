"""Each user's courses in order, as networks read them, out of a data set."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from generator.dataset.interactions import Interactions
from generator.dataset.take_ups import TakeUps, take_ups
from generator.networks.sequences import COURSES, Sequences

Context = Literal["gaps", "minutes"]
"""What else networks may read: the time since the course before, and how long this one was viewed.

Both are known when it is asked what comes next."""
CONTEXT_SIZE = 32
"""0 for unknown, then the binary logarithm of hours, or of minutes, in halves."""
MICROSECONDS_PER_HOUR = 3.6e9


def numbers_of_courses(dataset: Dataset, min_viewers: int) -> NDArray[np.int32]:
    """int32 [courses]: from 1 on, ascending, for those with so many viewers; 0 for others."""
    taken = take_ups(dataset.interactions, len(dataset.courses))
    viewers = np.bincount(taken.courses, minlength=len(dataset.courses))
    known = viewers >= min_viewers
    return np.where(known, np.cumsum(known), 0).astype(np.int32)


def sequences_of(
    dataset: Dataset, numbers: NDArray[np.int32], contexts: Sequence[Context]
) -> Sequences:
    """Sequences of all users, without courses that have no number."""
    taken = take_ups(dataset.interactions, len(dataset.courses)).of_courses(numbers > 0)
    counts = np.bincount(taken.users, minlength=len(dataset.users))
    steps = {COURSES: numbers[taken.courses]}
    for name in contexts:
        steps[name] = _CONTEXTS[name](dataset.interactions, taken)
    return Sequences(np.concatenate([[0], np.cumsum(counts)]), steps)


def _gaps(interactions: Interactions, taken: TakeUps) -> NDArray[np.int32]:
    times = interactions.times[taken.views]
    known = (taken.users[1:] == taken.users[:-1]) & (times[:-1] != UNDATED)
    hours = np.where(known, (times[1:] - times[:-1]) / MICROSECONDS_PER_HOUR, 0)
    return np.concatenate([np.zeros(min(len(times), 1), np.int32), _logarithms(hours, known)])


def _minutes(interactions: Interactions, taken: TakeUps) -> NDArray[np.int32]:
    minutes = interactions.seconds[taken.views].astype(np.float64) / 60
    return _logarithms(minutes, np.ones(len(minutes), bool))


def _logarithms(amounts: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.int32]:
    halves = 1 + np.floor(2 * np.log2(1 + np.maximum(amounts, 0)))
    return np.where(known, np.minimum(halves, CONTEXT_SIZE - 1), 0).astype(np.int32)


_CONTEXTS = {"gaps": _gaps, "minutes": _minutes}
