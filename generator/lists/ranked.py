"""Row numbers to handles: what a model ranked becomes what the store keeps."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.models.base import Model
from generator.nearest.top_n import SCORE_DECIMALS, TopN
from shared.records import Handle, UserLists

USERS_PER_BLOCK = 8192

Ranked = list[tuple[list[Handle], list[float]]]


def ranked_lists(
    model: Model, dataset: Dataset, n: int
) -> Iterator[tuple[NDArray[np.int32], list[UserLists]]]:
    """Both lists of every user the model knows, beside the users' row numbers.

    In blocks, so that memory holds one block.
    """
    users = model.known_users()
    for start in range(0, len(users), USERS_PER_BLOCK):
        block = users[start : start + USERS_PER_BLOCK]
        yield block, _lists_of_block(model, dataset, block, n)


def _lists_of_block(
    model: Model, dataset: Dataset, users: NDArray[np.int32], n: int
) -> list[UserLists]:
    nothing: Ranked = [([], [])] * len(users)
    similar = courses = nothing
    if "similar_users" in model.serves:
        similar = _with_handles(model.similar_users(users, n), dataset.users)
    if "recommendations" in model.serves:
        courses = _with_handles(model.recommend(users, n), dataset.courses)
    return [
        UserLists(handle, model.handle, *ranked_users, *ranked_courses)
        for handle, ranked_users, ranked_courses in zip(
            dataset.users.handles(users), similar, courses, strict=True
        )
    ]


def _with_handles(top: TopN, vocabulary: Vocabulary) -> Ranked:
    listed = top.indices >= 0
    handles = vocabulary.handles(top.indices[listed])
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[listed].astype(np.float64), SCORE_DECIMALS).tolist()
    ends = np.cumsum(listed.sum(axis=1)).tolist()
    starts = [0, *ends[:-1]]
    return [
        (handles[start:end], scores[start:end]) for start, end in zip(starts, ends, strict=True)
    ]
