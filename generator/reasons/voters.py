r"""Who voted for a recommended course, and what of the user's own made them neighbours.

    user -- own course a -- neighbour v --.
        \_ own course b _/               |-- listed course c
                        \_ neighbour w --'

A vote is one line to c: similarity of the neighbour x their weight of c. Where the similarity is a
product over courses, each vote came through own courses, and what came through a is the sum over
neighbours of ``user[a] * v[a] * watched[v, c]``. With tags instead of courses it is the same.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.parts import parts_of
from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons, no_reasons, strongest

ENTRIES_PER_BLOCK = 2**20
"""Of all neighbours' views, and of what comes through them: about 30 MB."""


def strongest_voters(
    neighbours: TopN, watched: sp.csr_matrix, listed: NDArray[np.int32]
) -> Reasons:
    """The neighbours who add most to each listed course.

    neighbours: [rows, k] user indices and similarities; those not above 0 have no vote. watched:
    float32 [users, courses]. listed: int32 [rows, n] courses, padded with -1.
    """
    reasons = no_reasons(listed)
    for rows in _blocks(neighbours, watched, watched, listed):
        votes = _votes(_rows_of(neighbours, rows), watched, listed[rows])
        reasons.put(rows, strongest(votes, listed[rows]))
    return reasons


def carrying_features(
    neighbours: TopN,
    watched: sp.csr_matrix,
    vectors: sp.csr_matrix,
    users: NDArray[np.int32],
    listed: NDArray[np.int32],
) -> Reasons:
    """The user's own courses or tags through which each listed course got its votes.

    As `strongest_voters`, where a similarity is the dot product of two rows of `vectors` (float32
    [users, courses or tags]): a course's score is then a sum over what the user's own row has.
    """
    reasons = no_reasons(listed)
    for rows in _blocks(neighbours, watched, vectors, listed):
        block = _rows_of(neighbours, rows)
        row, _ = np.nonzero(listed[rows] >= 0)
        without_similarity = TopN(block.indices, np.where(block.scores > 0, 1, 0))
        through = _votes(without_similarity, watched, listed[rows]) @ vectors
        carried = vectors[users[rows]][row].multiply(through).tocsr()
        reasons.put(rows, strongest(carried, listed[rows]))
    return reasons


def _blocks(
    neighbours: TopN, watched: sp.csr_matrix, vectors: sp.csr_matrix, listed: NDArray[np.int32]
) -> Iterator[slice]:
    """Ranges of rows: a few neighbours who watched nearly all are as much as many others."""
    views, features = (
        np.append(np.diff(matrix.indptr), 0)[neighbours.indices].sum(axis=1)
        for matrix in (watched, vectors)
    )
    # What comes through is a row of features for each listed course, as full as they can make it.
    entries = views + listed.shape[1] * np.minimum(features, vectors.shape[1])
    return parts_of(entries, ENTRIES_PER_BLOCK)


def _rows_of(top: TopN, rows: slice) -> TopN:
    return TopN(top.indices[rows], top.scores[rows])


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
