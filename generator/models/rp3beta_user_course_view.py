"""Where a walk ends that goes from a user to a course, to another user, and to a course."""

from typing import Annotated

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.models.course_neighbours import CourseNeighbours, CourseNeighboursOptions
from generator.models.options import Searched


class Rp3betaOptions(CourseNeighboursOptions):
    alpha: Annotated[float, Searched(0.3, 1.2)] = Field(
        0.6,
        ge=0,
        le=10,
        description="Every step's probability is taken to this power: the larger, the less users "
        "and courses with many views lead on to others.",
    )
    beta: Annotated[float, Searched(0.1, 0.8)] = Field(
        0.35,
        ge=0,
        le=10,
        description="Where a walk ends is divided by the course's views to this power: at 0 the "
        "most viewed courses come first.",
    )


class Rp3betaUserCourseView(CourseNeighbours):
    """RP3-beta: a random walk of three steps on the graph of views (Paudel et al., TiiS 2016).

    From a user a step leads to one of the user's courses, with probability in proportion to the
    weight of the view (`generator.dataset.evidence`), and from a course to one of its viewers
    likewise: P and Q. With powers taken of every entry, what course i says of j is the sum over
    users u of ``Q[i, u] ** alpha * P[u, j] ** alpha``, times the number of courses, over ``v_j **
    beta``, v_j being the views of j beside the mean; each course keeps its k largest. A user's
    score of j is the sum over the user's courses i of ``P[user, i] ** alpha`` times that: at alpha
    1 and beta 0 how many times as probable as a course by lot it is where the walk ends.

    Assumes that paths over views are reasons, and nothing of courses or users. Knows users who
    viewed a course that leads to another, and courses on such ways. Score: above 0, and comparable
    within a list alone. Cost: the sparse product of the views with themselves; memory 8 bytes a
    neighbour, ten times over.
    """

    handle = "rp3beta_user_course_view"
    title = "Three steps over the views (RP3beta)"
    Options = Rp3betaOptions
    config: Rp3betaOptions

    def _sides(self, views: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        by_course = np.asarray(views.sum(axis=0, dtype=np.float64)).ravel()
        mean = by_course.sum() / max(np.count_nonzero(by_course), 1)
        viewed = by_course > 0
        damping = np.zeros_like(by_course)
        damping[viewed] = len(by_course) * (by_course[viewed] / mean) ** -self.config.beta
        left = self._step(views.T.tocsr())
        right = self._step(views) @ sp.diags(damping)
        return left.astype(np.float32), right.tocsr().astype(np.float32)

    def _asking(self, views: sp.csr_matrix) -> sp.csr_matrix:
        return self._step(views).astype(np.float32)

    def _step(self, weights: sp.csr_matrix) -> sp.csr_matrix:
        """float64: each entry over the sum of its row, to the power of alpha."""
        sums = np.asarray(weights.sum(axis=1, dtype=np.float64)).ravel()
        shares = weights.data / np.repeat(sums, np.diff(weights.indptr))
        step: NDArray[np.float64] = shares**self.config.alpha
        return sp.csr_matrix((step, weights.indices, weights.indptr), shape=weights.shape)
