"""How much each model counts in a list of several, learned from what users took up."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generator.hybrids.base import Rehearsal
from generator.hybrids.union import Scale, Union, union_of
from generator.nearest.top_n import PADDING, TopN

USERS = 4000
"""Learned from at most so many: five numbers need no more."""
LENGTH = 10
FACTORS = (0.0, 0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
"""What a weight is multiplied with."""
BACK = 0.2
"""What a weight of 0 becomes, to be tried again."""
PASSES = 4
LEAST_GAIN = 1e-5


def best_weights(
    listed: Callable[[NDArray[np.int32]], list[TopN]],
    scale: Scale,
    rehearsal: Rehearsal,
    most_users: int = USERS,
    start: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """float32 [models], their sum 1: those whose lists of 10 are worth most in the rehearsal.

    listed: users -> the lists of each model. start: float32 [models], where to begin; from equal
    weights if there is nothing better.

    Coordinate ascent on weights: each in turn is multiplied by a few factors, and the best kept if
    it is better by more than chance, until a pass over all gains nothing. (The measure has steps
    and no gradient.) Learned from `most_users` at most.
    """
    some = np.arange(0, len(rehearsal.users), -(-len(rehearsal.users) // most_users))
    union = union_of(listed(rehearsal.users[some]), scale)
    held_out = rehearsal.held_out[some]

    def worth(weights: NDArray[np.float32]) -> NDArray[np.float64]:
        return rehearsal.measure(_best(union, weights), held_out)

    weights = np.ones(len(union.scores), np.float32) if start is None else start / start.max()
    reached = worth(weights)
    for _ in range(PASSES):
        before = reached.mean()
        for model in range(len(weights)):
            tried = _neighbours(weights, model)
            values = [worth(one) for one in tried]
            best = max(range(len(tried)), key=lambda one: values[one].mean(), default=None)
            if best is not None and is_better(values[best], reached):
                reached, weights = values[best], tried[best]
        if reached.mean() - before < LEAST_GAIN:
            break
    shares: NDArray[np.float32] = weights / weights.sum()
    return shares


def is_better(
    values: NDArray[np.float64], than: NDArray[np.float64], standard_errors: float = 1
) -> bool:
    """True if the mean over users is larger by more than so many standard errors."""
    # Without it weights follow the lot of the users that are learned from.
    gains = values - than
    return bool(gains.mean() > standard_errors * gains.std() / np.sqrt(len(gains)))


def _neighbours(weights: NDArray[np.float32], model: int) -> list[NDArray[np.float32]]:
    """The same weights but for that of one model; never all of them 0."""
    values = [weights[model] * factor for factor in FACTORS] if weights[model] else [BACK]
    changed = [weights.copy() for _ in values]
    for one, value in zip(changed, values, strict=True):
        one[model] = value
    return [one for one in changed if one.any()]


def _best(union: Union, weights: NDArray[np.float32]) -> NDArray[np.int32]:
    """int32 [users, LENGTH]; ties as they come, since means over users settle them."""
    scores = union.blended(weights[:, None])
    if scores.shape[1] > LENGTH:
        columns = np.argpartition(-scores, LENGTH - 1, axis=1)[:, :LENGTH]
    else:
        columns = np.tile(np.arange(scores.shape[1]), (len(scores), 1))
    by_score = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    columns = np.take_along_axis(columns, by_score, axis=1)
    listed = np.take_along_axis(scores, columns, axis=1) > 0
    return np.where(listed, np.take_along_axis(union.entries, columns, axis=1), PADDING)
