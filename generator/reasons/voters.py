"""Who voted for a recommended course, and which of the user's own courses made them neighbours."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons, strongest

ROWS_PER_BLOCK = 512
"""Small enough for the views of all their neighbours to stay in the processor's cache."""


def strongest_voters(
    neighbours: TopN, watched: sp.csr_matrix, listed: NDArray[np.int32]
) -> Reasons:
    """The neighbours who add most to each listed course.

    neighbours: [rows, k] user indices and similarities; those not above 0 have no vote. watched:
    float32 [users, courses]. listed: int32 [rows, n] courses, padded with -1.
    """
    votes = [_votes(block, watched, of_block) for block, of_block in _blocks(neighbours, listed)]
    empty = sp.csr_matrix((0, watched.shape[0]), dtype=np.float32)
    return strongest(sp.vstack(votes or [empty], format="csr"), listed)


def carrying_courses(
    neighbours: TopN,
    watched: sp.csr_matrix,
    vectors: sp.csr_matrix,
    users: NDArray[np.int32],
    listed: NDArray[np.int32],
) -> Reasons:
    """The user's own courses through which each listed course got its votes.

    As `strongest_voters`, where a similarity is the dot product of two rows of `vectors` (float32
    [users, courses]): a course's score is then a sum over the user's own courses.
    """
    carried = []
    start = 0
    for block, of_block in _blocks(neighbours, listed):
        row, _ = np.nonzero(of_block >= 0)
        own = vectors[users[start : start + len(of_block)]]
        without_similarity = TopN(block.indices, np.where(block.scores > 0, 1, 0))
        through = _votes(without_similarity, watched, of_block) @ vectors
        carried.append(own[row].multiply(through).tocsr())
        start += len(of_block)
    empty = sp.csr_matrix((0, vectors.shape[1]), dtype=np.float32)
    return strongest(sp.vstack(carried or [empty], format="csr"), listed)


def _blocks(
    neighbours: TopN, listed: NDArray[np.int32]
) -> Iterator[tuple[TopN, NDArray[np.int32]]]:
    for start in range(0, len(listed), ROWS_PER_BLOCK):
        rows = slice(start, start + ROWS_PER_BLOCK)
        yield TopN(neighbours.indices[rows], neighbours.scores[rows]), listed[rows]


def _votes(neighbours: TopN, watched: sp.csr_matrix, listed: NDArray[np.int32]) -> sp.csr_matrix:
    """float32 [listed entries, users]: similarity x weight of whoever watched the course."""
    row, column = np.nonzero(listed >= 0)
    courses, number = np.unique(listed[row, column], return_inverse=True)
    number_of_course = np.full(watched.shape[1], -1, np.int32)
    number_of_course[courses] = np.arange(len(courses))
    place = np.full((len(listed), len(courses)), -1, np.int32)
    place[row, number] = np.arange(len(row))
    voting = (neighbours.indices >= 0) & (neighbours.scores > 0)
    voter = neighbours.indices[voting]
    views = watched[voter]
    of_listed = number_of_course[views.indices]
    view = np.flatnonzero(of_listed >= 0)
    vote = np.searchsorted(views.indptr, view, side="right") - 1
    entry = place[np.nonzero(voting)[0][vote], of_listed[view]]
    counts = entry >= 0
    vote, entry = vote[counts], entry[counts]
    weights = views.data[view[counts]] * neighbours.scores[voting][vote]
    return sp.csr_matrix(
        (weights.astype(np.float32), (entry, voter[vote])), shape=(len(row), watched.shape[0])
    )
