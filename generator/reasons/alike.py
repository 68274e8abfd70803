"""Which of the courses that a user viewed made a course of theirs, where courses have vectors."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.parts import parts_of
from generator.nearest.vectors import Vectors, entries_of_rows, row_products
from generator.reasons.reasons import Reasons, no_reasons, strongest

ENTRIES_PER_BLOCK = 2**20
"""Of the vectors that are laid side by side at a time: about 25 MB."""


def alike_courses(
    views: sp.csr_matrix,
    vectors: Vectors,
    listed: NDArray[np.int32],
    of_listed: Vectors | None = None,
) -> Reasons:
    """The viewed courses that are most like each listed one, by view weight x product of vectors.

    views: float32 [rows, courses]. vectors: of courses. listed: int32 [rows, n], -1 pads.
    of_listed: vectors of courses as they are listed, where those are others. Where a user's vector
    is the weighted sum of viewed courses', these weights add up to the score, but for its length.
    Cost: views x n products a row.
    """
    reasons, theirs = no_reasons(listed), vectors if of_listed is None else of_listed
    entries = entries_of_rows(vectors)
    seen = np.add.reduceat(np.append(entries[views.indices], 0), views.indptr[:-1])
    seen[np.diff(views.indptr) == 0] = 0
    costs = listed.shape[1] * seen + np.append(entries, 0)[listed].sum(axis=1)
    for rows in parts_of(costs + 1, ENTRIES_PER_BLOCK):
        weights = _weights(views[rows], vectors, theirs, listed[rows])
        reasons.put(rows, strongest(weights, listed[rows]))
    return reasons


def _weights(
    views: sp.csr_matrix, vectors: Vectors, of_listed: Vectors, listed: NDArray[np.int32]
) -> sp.csr_matrix:
    """float32 [filled entries of `listed`, courses]: what each view adds to each entry."""
    row, column = np.nonzero(listed >= 0)
    of_entries = views[row]
    entry = np.repeat(np.arange(len(row)), np.diff(of_entries.indptr))
    listed_course = listed[row, column][entry]
    # A row of somebody who has viewed nearly all is more than a block by itself.
    numbers = entries_of_rows(vectors)[of_entries.indices]
    for pairs in parts_of(numbers, ENTRIES_PER_BLOCK):
        ours, theirs = of_entries.indices[pairs], listed_course[pairs]
        of_entries.data[pairs] *= row_products(vectors[ours], of_listed[theirs])
    return of_entries
