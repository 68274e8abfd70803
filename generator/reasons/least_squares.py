"""How much each viewed course adds to a factorised score, for many users at once."""

from collections.abc import Iterator

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.reasons.reasons import Reasons, strongest

MAX_VIEWS = 1024
"""Of one user; beyond it the surest ones stand for all, since the cost is the cube of this."""
NUMBERS_PER_BLOCK = 2**21


class Contributions:
    """The explanation of section 5 of Hu, Koren & Volinsky (2008), in its small form.

    A user's score of course c is ``sum over viewed i of y_c' W y_i c_i`` with ``W = (Y'Y + reg I +
    sum of (c_i - 1) y_i y_i')^-1``. With ``K = Y (Y'Y + reg I)^-1 Y'`` and ``d = c - 1``, the
    Woodbury identity makes that ``K_cI (D^-1 + K_II)^-1 D^-1 c``: a system of the user's own views,
    not of the factors, and most users have few views.
    """

    def __init__(self, factors: NDArray[np.float32], reg: float) -> None:
        """factors: float32 [courses, size]."""
        wide = factors.astype(np.float64)
        gram = wide.T @ wide + reg * np.eye(wide.shape[1])
        lower = np.linalg.cholesky(gram)
        self._directions = scipy.linalg.solve_triangular(lower, wide.T, lower=True).T

    def strongest(self, confidences: sp.csr_matrix, listed: NDArray[np.int32]) -> Reasons:
        """confidences: [rows, courses], above 1. listed: int32 [rows, n] courses, -1 pads."""
        n, entries = listed.shape[1], []
        views = np.minimum(np.diff(confidences.indptr), MAX_VIEWS)
        for rows in _blocks(views, n):
            courses, surer = _padded(confidences[rows], int(views[rows].max()))
            added = self._added(courses, surer, listed[rows])
            row, column, view = np.nonzero((added > 0) & (listed[rows] >= 0)[:, :, None])
            entries.append((rows[row] * n + column, courses[row, view], added[row, column, view]))
        return strongest(_matrix(entries, listed, confidences.shape[1]), listed)

    def _added(
        self, courses: NDArray[np.int32], surer: NDArray[np.float64], listed: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """float64 [rows, n, views]: what each view adds to the score of each listed course."""
        viewed = np.where((surer > 0)[:, :, None], self._directions[courses], 0)
        d = np.where(surer > 0, surer, 1)
        system = viewed @ viewed.transpose(0, 2, 1)
        diagonal = np.arange(system.shape[1])
        system[:, diagonal, diagonal] += 1 / d
        likeness = viewed @ self._directions[listed].transpose(0, 2, 1)
        solved: NDArray[np.float64] = np.linalg.solve(system, likeness)
        return (solved * (1 / d + 1)[:, :, None]).transpose(0, 2, 1)


def _blocks(views: NDArray[np.int64], n: int) -> Iterator[NDArray[np.int64]]:
    """Rows with about equally many views, as many as a block may hold; rows without views: none."""
    order = np.argsort(views, kind="stable")
    start = int(np.searchsorted(views[order], 1))
    while start < len(order):
        widest = int(views[order[start]]) * 5 // 4 + 1
        size = max(1, NUMBERS_PER_BLOCK // (widest * (widest + n + 128)))
        stop = min(start + size, int(np.searchsorted(views[order], widest, side="right")))
        yield order[start:stop]
        start = stop


def _padded(
    confidences: sp.csr_matrix, width: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Courses and confidence above 1, [rows, width]; the surest first where there are more."""
    row = np.repeat(np.arange(confidences.shape[0]), np.diff(confidences.indptr))
    order = np.lexsort((confidences.indices, -confidences.data, row))
    place = np.arange(len(row)) - confidences.indptr[row]
    kept = place < width
    courses = np.zeros((confidences.shape[0], width), np.int32)
    surer = np.zeros((confidences.shape[0], width))
    courses[row[kept], place[kept]] = confidences.indices[order][kept]
    surer[row[kept], place[kept]] = confidences.data[order][kept] - 1.0
    return courses, surer


def _matrix(
    entries: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]],
    listed: NDArray[np.int32],
    n_courses: int,
) -> sp.csr_matrix:
    """[filled entries of `listed`, courses] from (place in `listed`, course, weight)."""
    filled = (listed >= 0).ravel()
    number = np.cumsum(filled) - 1
    if not entries:
        return sp.csr_matrix((np.count_nonzero(filled), n_courses))
    place, course, weight = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return sp.csr_matrix((weight, (number[place], course)), shape=(filled.sum(), n_courses))
