"""Courses that the same users viewed are alike; what is like a user's courses suits the user."""

from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.models.course_neighbours import CourseNeighbours, CourseNeighboursOptions
from generator.models.options import Searched

SATURATION, LENGTH_SHARE = 1.2, 0.9
"""k1 and b of BM25."""


class ItemKnnOptions(CourseNeighboursOptions):
    weighting: Literal["none", "tfidf", "bm25"] = Field(
        "bm25",
        description="How far the views of users count less who viewed much: not at all, by the "
        "rarity of a user in courses (TF-IDF), or by a user's length beside the mean (BM25).",
    )
    shrink: Annotated[float, Searched(0.5, 20.0)] = Field(
        3.0,
        ge=0,
        description="Added to the length of every course's vector, which is about the root of its "
        "viewers: the larger, the more users two courses must share.",
    )
    asymmetry: Annotated[float, Searched(0.4, 0.7)] = Field(
        0.55,
        ge=0,
        le=1,
        description="How much of the cosine's division falls to the user's course: 0.5 is the "
        "plain cosine, and above it popular courses are listed more.",
    )


class ItemKnnUserCourseView(CourseNeighbours):
    """Cosine of courses over their viewers, shrunk, and the k nearest of each (Sarwar et al. 2001).

    A view of evidence w (`generator.dataset.evidence`) by a user who has c of it on all courses
    stands in its course's vector as ``x = w``; by TF-IDF as ``w * ln(1 + courses / viewed)``; by
    BM25 as ``w * 2.2 / (w + 1.2 * (.1 + .9 * c / mean c))``, the user being the document (Robertson
    & Zaragoza 2009). What course i says of j is ``x_i . x_j / ((|x_i| + shrink) ** (2 *
    asymmetry) * (|x_j| + shrink) ** (2 - 2 * asymmetry))``: the asymmetric cosine (Aiolli 2013),
    damped for courses with little evidence as in `knn_collab_filtering_user_course_view`.

    Assumes that who views two courses says that they are alike, whatever they are about. Knows
    users who viewed a course that has a neighbour, and courses that have or are one. Score of a
    similar course: 0 to 1, and below 1; of a course for a user: the sum over the user's courses of
    w times what they say. Cost: the sparse product of the views with themselves; memory 8 bytes a
    neighbour, ten times over.
    """

    handle = "itemknn_user_course_view"
    title = "Courses with the same viewers (item cosine)"
    Options = ItemKnnOptions
    config: ItemKnnOptions

    def _sides(self, views: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        vectors = self._weighted(views)
        lengths = np.sqrt(vectors.power(2).sum(axis=0, dtype=np.float64).A1)
        own = 2 * self.config.asymmetry
        shrunk = np.where(lengths > 0, lengths + self.config.shrink, np.inf)
        left = sp.diags(shrunk**-own) @ vectors.T
        right = vectors @ sp.diags(shrunk ** (own - 2))
        return left.tocsr().astype(np.float32), right.tocsr().astype(np.float32)

    def _weighted(self, views: sp.csr_matrix) -> sp.csr_matrix:
        viewed = np.diff(views.indptr)
        weighted = views.astype(np.float64)
        match self.config.weighting:
            case "tfidf":
                rarity = np.log1p(views.shape[1] / np.maximum(viewed, 1))
                weighted.data *= np.repeat(rarity, viewed)
            case "bm25":
                saturated = SATURATION * np.repeat(_beside_mean(views), viewed)
                weighted.data *= (SATURATION + 1) / (weighted.data + saturated)
        return weighted


def _beside_mean(views: sp.csr_matrix) -> NDArray[np.float64]:
    """float64 [users]: 1 for a user with as much evidence as those who have any have on average."""
    lengths = np.asarray(views.sum(axis=1, dtype=np.float64)).ravel()
    mean = lengths.sum() / max(np.count_nonzero(lengths), 1)
    beside: NDArray[np.float64] = lengths / max(mean, np.finfo(float).tiny)
    return 1 - LENGTH_SHARE + LENGTH_SHARE * beside
