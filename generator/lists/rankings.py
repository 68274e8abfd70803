"""The one list of a model that is the same for everybody."""

from generator.dataset.dataset import Dataset
from generator.models.base import Model
from shared.records import Ranking

DEPTH_PER_LIST = 10
"""As deep as this many stored lists, since what a user has seen is left out when it is served."""


def ranking_of(model: Model, dataset: Dataset, n: int) -> Ranking:
    """Of a fitted model that is not personal. `n`: length of a stored list."""
    top = model.ranking(n * DEPTH_PER_LIST)
    listed = top.indices[0] >= 0
    return Ranking(
        dataset.courses.handles(top.indices[0][listed]),
        [float(score) for score in top.scores[0][listed]],
    )
