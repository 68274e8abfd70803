"""Are similar users really alike: do they go on to the same courses, more than others would?"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.evaluation.metrics import PerUser

PAIRS_PER_BLOCK = 500_000
NEIGHBOURS = 10
"""So many of each list are looked at."""


class Agreement(NamedTuple):
    """Per user, the share of neighbours who have a held-out course in common with them.

    float64 [users], NaN where a user has no neighbour.
    """

    neighbours: PerUser
    by_lot: PerUser
    """The same for as many users drawn by lot among those that the model knows."""
    as_active: PerUser
    """For users drawn among those with about as many views in training as the neighbour has."""


def agreement(
    users: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    pool: NDArray[np.int32],
    train: Dataset,
    held_out: sp.csr_matrix,
    seed: int,
) -> Agreement:
    """`neighbours`: [users, n] as a model lists them; `pool`: the users that it knows.

    Activity is compared by powers of two: 1, 2-3, 4-7, ... views. Nobody is drawn as their own
    neighbour. Cost: one sparse comparison a neighbour and draw.
    """
    random = np.random.default_rng(seed)
    activity = _powers_of_two(np.diff(train.seen.indptr))
    drawn = (_draw(neighbours, users, pool, group, random) for group in (activity * 0, activity))
    mine = held_out[users]
    shares = (share_in_common(listed, mine, held_out) for listed in (neighbours, *drawn))
    return Agreement(*shares)


def _powers_of_two(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.where(counts > 0, np.log2(np.maximum(counts, 1)).astype(np.int64) + 1, 0)


def _draw(
    neighbours: NDArray[np.int32],
    users: NDArray[np.int32],
    pool: NDArray[np.int32],
    group: NDArray[np.int64],
    random: np.random.Generator,
) -> NDArray[np.int32]:
    """Each neighbour replaced by somebody of `pool` who is of the same group as the neighbour."""
    drawn = np.full_like(neighbours, -1)
    asking = np.repeat(users, neighbours.shape[1]).reshape(neighbours.shape)
    groups_of_neighbours = np.where(neighbours >= 0, group[neighbours], -1)
    for one in np.unique(groups_of_neighbours[neighbours >= 0]):
        members = pool[group[pool] == one]
        places = groups_of_neighbours == one
        chosen = random.integers(0, len(members), places.sum())
        himself = members[chosen] == asking[places]
        chosen = np.where(himself, (chosen + 1) % len(members), chosen)
        drawn[places] = members[chosen]
    return drawn


def share_in_common(
    listed: NDArray[np.int32], mine: sp.csr_matrix, held_out: sp.csr_matrix
) -> PerUser:
    """float64 [rows]: of each one's neighbours, those with a held-out course in common, or NaN.

    listed: int32 [rows, n] users. mine: bool [rows, courses], what is held out of whoever the rows
    are. held_out: bool [users, courses].
    """
    rows, columns = np.nonzero(listed >= 0)
    in_common = np.zeros(len(rows), bool)
    for start in range(0, len(rows), PAIRS_PER_BLOCK):
        block = slice(start, start + PAIRS_PER_BLOCK)
        ours = mine[rows[block]]
        theirs = held_out[listed[rows[block], columns[block]]]
        in_common[block] = np.diff(ours.multiply(theirs).tocsr().indptr) > 0
    counts = np.bincount(rows, minlength=len(listed))
    shares = np.full(len(listed), np.nan)
    hits = np.bincount(rows, weights=in_common, minlength=len(listed))
    np.divide(hits, counts, out=shares, where=counts > 0)
    return shares
