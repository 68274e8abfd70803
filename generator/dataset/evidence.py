"""What a view and a rating together say of a taste, by figures that a model keeps."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.dataset.rating_scale import RatingScale
from generator.dataset.view_weights import damped_minutes, mean_minutes

REVIEWS_HELP = (
    "Whether ratings count: the lowest makes a view no evidence of a taste, the highest doubles it."
)


@dataclass(frozen=True)
class Evidence:
    """How a model weighs views and ratings: as in the data it was fitted on, so that later ones
    change nobody else's weights."""

    mean: float
    """`mean_minutes` of all views."""
    low: float
    high: float
    """The ends of the scale of ratings."""
    reviews: bool
    """Whether ratings count."""

    @classmethod
    def of(cls, dataset: Dataset, reviews: bool) -> Self:
        scale = dataset.rating_scale
        return cls(mean_minutes(dataset.view_seconds), scale.low, scale.high, reviews)

    @property
    def learned(self) -> dict[str, Any]:
        """As a model saves it: ``Evidence(**learned)`` is the same again."""
        return asdict(self)

    def minutes(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: `damped_minutes`, times what the user's rating makes of them.

        The lowest rating makes a view no evidence and no entry, the highest doubles it, and the
        middle of the scale leaves it as it is. A rating without a view is no evidence: where
        `positive_from` made the views, those that it left out are the only ratings there are.
        """
        minutes, ratings = damped_minutes(dataset.view_seconds), dataset.ratings
        if not self.reviews or not ratings.nnz:
            return minutes
        rows = np.repeat(np.arange(ratings.shape[0]), np.diff(ratings.indptr))
        viewed = np.asarray(minutes[rows, ratings.indices], np.float32).ravel()
        rated = viewed * RatingScale(self.low, self.high).endorsements(ratings.data)
        change = sp.csr_matrix((rated - viewed, ratings.indices, ratings.indptr), ratings.shape)
        # A sum has no entry where it is 0.
        return (minutes + change).tocsr()

    def weights(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: `minutes` over their mean; a view of average length counts 1
        unless it was rated."""
        weights = self.minutes(dataset)
        weights.data /= self.mean
        return weights
