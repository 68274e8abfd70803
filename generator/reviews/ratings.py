"""How each course is rated, fair to those that few have rated."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


class CourseRatings(NamedTuple):
    """Of every course; a course without a rating has the mean of all."""

    means: NDArray[np.float64]
    """float64 [courses], on the platform's own scale: drawn to the mean of all courses."""
    counts: NDArray[np.int64]
    """int64 [courses]: users who have rated it."""
    prior_mean: float
    """What a course is worth of which nothing is known; NaN if nobody has rated anything."""
    prior_weight: float
    """As many ratings of that kind are added to each course's own; infinite where courses are not
    to be told apart."""


def course_ratings(ratings: sp.csr_matrix) -> CourseRatings:
    """Bayesian means: ``(n * mean + k * m) / (n + k)`` for n ratings of a course.

    Two ratings of 5 are no better than a thousand of 4.8: the mean of few is drawn to the mean of
    all courses, m, as IMDb ranks its best. How much follows from the data (empirical Bayes, Efron &
    Morris 1975): k is the variance of ratings within courses over that between courses, by the
    unbiased estimators of Buehlmann & Straub (1970), and m is the mean of courses by ``n / (n +
    k)``. ratings: [users, courses], each user's last; 0 is a rating. Cost: a few passes.
    """
    courses = ratings.shape[1]
    values = ratings.data.astype(np.float64)
    counts = np.bincount(ratings.indices, minlength=courses)
    if not len(values):
        return CourseRatings(np.full(courses, np.nan), counts, np.nan, np.inf)
    sums = np.bincount(ratings.indices, weights=values, minlength=courses)
    own = np.divide(sums, counts, where=counts > 0, out=np.zeros(courses))
    weight = _prior_weight(values - own[ratings.indices], own, counts)
    if np.isinf(weight):
        return CourseRatings(np.full(courses, values.mean()), counts, float(values.mean()), weight)
    trust = np.divide(counts, counts + weight, where=counts > 0, out=np.zeros(courses))
    mean = float(trust @ own / trust.sum())
    return CourseRatings(trust * own + (1 - trust) * mean, counts, mean, weight)


def _prior_weight(
    deviations: NDArray[np.float64], own: NDArray[np.float64], counts: NDArray[np.int64]
) -> float:
    """Variance within over variance between courses.

    deviations: of every rating from its course's mean. own: mean of each course.
    """
    total, rated = int(counts.sum()), int(np.count_nonzero(counts))
    if total == rated or rated == 1:
        return np.inf
    within = float(deviations @ deviations) / (total - rated)
    spread = own - (counts @ own) / total
    between = float(counts @ spread**2) - (rated - 1) * within
    between /= total - float(counts @ counts) / total
    return within / between if between > 0 else np.inf
