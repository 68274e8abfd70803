"""Row numbers to handles: what a model ranked becomes what the store keeps."""

from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.lists.stored_reasons import stored_reasons
from generator.models.base import Model
from generator.nearest.top_n import SCORE_DECIMALS, TopN
from shared.kinds import KINDS, Entity, KindName
from shared.records import Handle, ListReasons, ListRow

SUBJECTS_PER_BLOCK = 8192


def blocks_of(subjects: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """The same row numbers in parts whose lists fit into memory beside the model."""
    for start in range(0, len(subjects), SUBJECTS_PER_BLOCK):
        yield subjects[start : start + SUBJECTS_PER_BLOCK]


def listed_block(
    model: Model,
    kind: KindName,
    dataset: Dataset,
    subjects: NDArray[np.int32],
    n: int,
    reasons_per_list: int = 0,
) -> list[ListRow]:
    """A row for each subject, in that order, with at most `n` entries.

    subjects: int32 row numbers of users or courses, as the kind says. The first `reasons_per_list`
    entries carry their reasons, if the model has any. All that it depends on is in the arguments.
    """
    top = model.top_n(kind, subjects, n)
    handles = vocabulary_of(KINDS[kind].subject, dataset).handles(subjects)
    entries = _with_handles(top, vocabulary_of(KINDS[kind].entry, dataset))
    reasons = _reasons(model, kind, dataset, subjects, top.indices[:, :reasons_per_list])
    return [
        ListRow(kind, handle, model.handle, listed, scores, why)
        for handle, (listed, scores), why in zip(handles, entries, reasons, strict=False)
    ]


def vocabulary_of(entity: Entity, dataset: Dataset) -> Vocabulary:
    return dataset.users if entity == "user" else dataset.courses


def _reasons(
    model: Model,
    kind: KindName,
    dataset: Dataset,
    subjects: NDArray[np.int32],
    first: NDArray[np.int32],
) -> Iterable[ListReasons | None]:
    """first: int32 [subjects, reasons], the entries that carry reasons."""
    reason_kind = model.reason_kinds.get(kind)
    if reason_kind is None or not first.shape[1]:
        return repeat(None)
    return stored_reasons(
        reason_kind, model.reasons(kind, subjects, first), subjects, first, dataset
    )


def _with_handles(top: TopN, vocabulary: Vocabulary) -> Iterator[tuple[list[Handle], list[float]]]:
    listed = top.indices >= 0
    handles = vocabulary.handles(top.indices[listed])
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[listed].astype(np.float64), SCORE_DECIMALS).tolist()
    ends = np.cumsum(listed.sum(axis=1)).tolist()
    for start, end in zip([0, *ends], ends, strict=False):
        yield handles[start:end], scores[start:end]
