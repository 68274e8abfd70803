"""How much more often than others the users of a segment view each course, shrunk."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.segments import SegmentFamily
from generator.models.prior_strength import LEAST_LIKENESS, prior_strength


class Lifts(NamedTuple):
    """What being in a segment adds to a course's logit, but for a constant of the segment."""

    whole: NDArray[np.float64]
    """float64 [courses]: of being in any segment of the family, beside all users."""
    labels: sp.csr_matrix
    """float64 [labels, courses]: of being in each, beside all who are in any; none where nobody
    in it viewed the course."""
    credence: NDArray[np.float64]
    """float64 [labels]: how far each is believed, n / (n + prior) of n users."""
    prior: float
    """Users of the parent that each segment is given as many of."""


def lifts_of(family: SegmentFamily, viewed: sp.csr_matrix, prior: float) -> Lifts | None:
    """None if nobody in the family has viewed anything.

    viewed: float64 [users, courses]: 1 where a user viewed a course. prior: users, or 0 to estimate
    it from how much the segments differ. With m for it, x of a segment's n users viewed a course of
    which the parent's rate is r: ``(x + m * r) / (n + m)`` is ``r * m / (n + m)`` times ``1 + x /
    (m * r)``, whose logarithm is what is kept. The parent of a segment is its family, whose parent
    are all users.
    """
    active = np.diff(viewed.indptr) > 0
    members, views = family.members[active].astype(np.float64), viewed[active]
    within = views[np.diff(members.indptr) > 0]
    if not within.shape[0]:
        return None
    everybodys = _rates(views)
    counts = (members.T @ views).tocsr()
    sizes = np.asarray(members.sum(axis=0)).ravel()
    m = prior or prior_strength(_likeness(counts, sizes, _rates(within)))
    seen = np.asarray(within.sum(axis=0)).ravel()
    familys = (seen + m * everybodys) / (within.shape[0] + m)
    counts.data = np.log1p(counts.data / (m * familys[counts.indices]))
    whole = np.zeros(len(seen))
    np.divide(seen, m * everybodys, out=whole, where=seen > 0)
    return Lifts(np.log1p(whole), counts, sizes / (sizes + m), m)


def _rates(views: sp.csr_matrix) -> NDArray[np.float64]:
    rates: NDArray[np.float64] = np.asarray(views.mean(axis=0)).ravel()
    return rates


def _likeness(
    counts: sp.csr_matrix, sizes: NDArray[np.float64], rates: NDArray[np.float64]
) -> float:
    """The correlation of two users of one segment, by moments of the beta-binomial over all courses
    and segments: how far counts [labels, courses] are from the parent's rates beyond chance.

        sum (x - n r)^2  =  sum n c r (1 - r)  +  likeness * sum n (n - 1) c r (1 - r)

    c is 1 but for what a segment adds to the parent's own rate. Where `counts` holds nothing x is
    0: the square is opened, so that nothing dense is made.
    """
    label = np.repeat(np.arange(len(sizes)), np.diff(counts.indptr))
    crossed = counts.data * sizes[label] * rates[counts.indices]
    squares = (counts.data**2).sum() - 2 * crossed.sum() + (sizes**2).sum() * (rates**2).sum()
    share = sizes / sizes.sum()
    corrected = 1 - 2 * share + (share**2).sum()
    by_lot = (rates * (1 - rates)).sum()
    pairs = (sizes * (sizes - 1) * corrected).sum() * by_lot
    if pairs <= 0:
        return LEAST_LIKENESS
    return float((squares - (sizes * corrected).sum() * by_lot) / pairs)
