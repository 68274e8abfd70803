"""What the models that listed a course say of it, and what their blend says."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

BLENDED = ("blend", "blend_rank", "listed_by")


def names(handles: Collection[str]) -> tuple[str, ...]:
    scores, ranks = ([f"{what}_{handle}" for handle in handles] for what in ("score", "rank"))
    return (*BLENDED, *scores, *ranks)


def features(
    blended: NDArray[np.float32],
    scores: NDArray[np.float32],
    by_rank: NDArray[np.float32],
    knows: NDArray[np.bool_],
) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of `names`.

    blended: float32 [users, width], best first. scores, by_rank: float32 [models, users, width],
    made comparable by z-score and by rank, 0 where a model that knows the user does not list the
    course. knows: bool [models, users]. NaN where a model does not know the user.
    """
    users, width = blended.shape
    rank = np.broadcast_to(np.arange(width, dtype=np.float32), (users, width))
    unknown = ~knows[:, :, None]
    of_models = (np.where(unknown, np.float32(np.nan), of) for of in (scores, by_rank))
    listed_by = (scores > 0).sum(axis=0).astype(np.float32)
    return [blended, rank, listed_by, *(part for of in of_models for part in of)]
