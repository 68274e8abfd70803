"""Lists chosen one place at a time, the best that is left by what all rules say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.nearest.top_n import PADDING
from generator.reranking.relevance import relevance_of
from generator.reranking.rule import Pool, Turns

PAGE = 10


def choose(pool: Pool, turns: Sequence[Turns], n: int) -> NDArray[np.int64]:
    """int64 [rows, n]: columns of the pool, in the order of the lists, padded with -1.

    Each page of the list has what was chosen for it in the order of the model: rules decide what a
    learner sees at once, and the model what comes first, unless a rule is about that. A list is
    shorter than `n` only where nothing is left that no rule forbids. Of entries that are worth the
    same the one that the model has first is taken. Cost: n passes over the pool, and what the rules
    take.
    """
    columns = np.full((len(pool.courses), n), PADDING, np.int64)
    relevance, free = relevance_of(pool), pool.listed
    for place in range(n):
        may_be = _open(free, turns, place)
        rows = np.flatnonzero(may_be.any(axis=1))
        if not len(rows):
            break
        worth = relevance
        for of_rule in turns:
            worth = of_rule.weighed(worth)
        best = np.where(may_be, worth, -np.inf).argmax(axis=1)[rows]
        columns[rows, place] = best
        free[rows, best] = False
        for of_rule in turns:
            of_rule.chose(rows, best)
    free_to_move = np.ones(len(columns), bool)
    for of_rule in turns:
        if (stays := of_rule.stays_as_chosen()) is not None:
            free_to_move &= ~stays
    for start in range(0, n, PAGE):
        page = slice(start, start + PAGE)
        columns[free_to_move, page] = _in_order(columns[free_to_move, page])
    return columns


def _in_order(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ascending, padding last."""
    last = np.iinfo(np.int64).max
    ascending = np.sort(np.where(columns == PADDING, last, columns), axis=1)
    return np.where(ascending == last, PADDING, ascending)


def _open(free: NDArray[np.bool_], turns: Sequence[Turns], place: int) -> NDArray[np.bool_]:
    """bool [rows, depth]: what the entry at this place is chosen from."""
    may_be = free
    for of_rule in turns:
        if (forbidden := of_rule.forbidden()) is not None:
            may_be = may_be & ~forbidden
    for of_rule in turns:
        if (wanted := of_rule.asked_for(place)) is not None:
            wanted = wanted & may_be
            may_be = np.where(wanted.any(axis=1, keepdims=True), wanted, may_be)
    return may_be
