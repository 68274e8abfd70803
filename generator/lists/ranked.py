"""Row numbers to handles: what a model ranked becomes what the store keeps."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.lists.stored_reasons import stored_reasons
from generator.models.base import Model
from generator.nearest.top_n import SCORE_DECIMALS, TopN
from shared.kinds import KINDS, KindName
from shared.records import Handle, ListReasons, UserLists

USERS_PER_BLOCK = 8192

Listed = list[tuple[list[Handle], list[float], ListReasons | None]]


def ranked_lists(
    model: Model, dataset: Dataset, n: int, reasons_per_list: int = 0
) -> Iterator[tuple[NDArray[np.int32], list[UserLists]]]:
    """Both lists of every user the model knows, beside the users' row numbers.

    The first `reasons_per_list` entries of a list carry their reasons, if the model has any. In
    blocks, so that memory holds one block.
    """
    users = model.known_users()
    for start in range(0, len(users), USERS_PER_BLOCK):
        block = users[start : start + USERS_PER_BLOCK]
        similar = _listed("similar_users", model, dataset, block, n, reasons_per_list)
        courses = _listed("recommendations", model, dataset, block, n, reasons_per_list)
        yield (
            block,
            [
                UserLists(handle, model.handle, *them[:2], *those[:2], them[2], those[2])
                for handle, them, those in zip(
                    dataset.users.handles(block), similar, courses, strict=True
                )
            ],
        )


def _listed(
    kind: KindName,
    model: Model,
    dataset: Dataset,
    users: NDArray[np.int32],
    n: int,
    reasons_per_list: int,
) -> Listed:
    if kind not in model.serves:
        return [([], [], None)] * len(users)
    top = model.top_n(kind, users, n)
    entries = dataset.users if KINDS[kind].entry == "user" else dataset.courses
    handles = _with_handles(top, entries)
    reason_kind = model.reason_kinds.get(kind)
    if reason_kind is None or not reasons_per_list:
        return [(*one, None) for one in handles]
    first = top.indices[:, :reasons_per_list]
    explained = model.reasons(kind, users, first)
    reasons = stored_reasons(reason_kind, explained, users, first, dataset)
    return [(*one, why) for one, why in zip(handles, reasons, strict=True)]


def _with_handles(top: TopN, vocabulary: Vocabulary) -> list[tuple[list[Handle], list[float]]]:
    listed = top.indices >= 0
    handles = vocabulary.handles(top.indices[listed])
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[listed].astype(np.float64), SCORE_DECIMALS).tolist()
    ends = np.cumsum(listed.sum(axis=1)).tolist()
    starts = [0, *ends[:-1]]
    return [
        (handles[start:end], scores[start:end]) for start, end in zip(starts, ends, strict=True)
    ]
