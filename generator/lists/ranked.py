"""Row numbers to handles: what a model ranked becomes what the store keeps."""

from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from generator.dataset.vocabulary import Vocabulary
from generator.lists.candidates import NO_CANDIDATES, Candidates
from generator.lists.stored_reasons import stored_reasons
from generator.models.base import Model
from generator.nearest.top_n import PADDING, SCORE_DECIMALS, TopN
from generator.reasons.reasons import Reasons, no_reasons
from shared.kinds import KINDS, KindName
from shared.records import Handle, ListReasons, ListRow

SUBJECTS_PER_BLOCK = 8192


def blocks_of(subjects: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """The same row numbers in parts whose lists fit into memory beside the model."""
    for start in range(0, len(subjects), SUBJECTS_PER_BLOCK):
        yield subjects[start : start + SUBJECTS_PER_BLOCK]


def listed_block(
    model: Model,
    kind: KindName,
    subjects: NDArray[np.int32],
    n: int,
    reasons_per_list: int = 0,
    candidates: Candidates = NO_CANDIDATES,
) -> list[ListRow]:
    """A row for each subject, in that order, with at most `n` entries.

    subjects: int32 row numbers of users or courses, as the kind says. The first `reasons_per_list`
    entries carry their reasons, if the model has any. All that it depends on is in the arguments.
    """
    dataset = model.dataset
    explained = min(reasons_per_list, n)
    top, why = _ranked_block(model, kind, subjects, n, explained, candidates)
    handles = dataset.vocabulary(KINDS[kind].subject).handles(subjects)
    entries = _with_handles(top, dataset.vocabulary(KINDS[kind].entry))
    reasons: Iterable[ListReasons | None] = repeat(None)
    if why.counts.shape[1]:
        first = top.indices[:, :explained]
        reasons = stored_reasons(model.reason_kinds[kind], why, subjects, first, dataset)
    return [
        ListRow(kind, handle, model.handle, listed, scores, of_list)
        for handle, (listed, scores), of_list in zip(handles, entries, reasons, strict=False)
    ]


def ranked(
    model: Model,
    kind: KindName,
    subjects: NDArray[np.int32],
    n: int,
    candidates: Candidates = NO_CANDIDATES,
) -> NDArray[np.int32]:
    """int32 [subjects, n]: the same lists, as evaluation looks at them."""
    blocks = [
        _ranked_block(model, kind, block, n, candidates.explained, candidates)[0].indices
        for block in blocks_of(subjects)
    ]
    return np.concatenate(blocks) if blocks else np.full((0, n), PADDING, np.int32)


def _ranked_block(
    model: Model,
    kind: KindName,
    subjects: NDArray[np.int32],
    n: int,
    explained: int,
    candidates: Candidates,
) -> tuple[TopN, Reasons]:
    """The `n` best entries of each subject, and why the first `explained` are there.

    Where `candidates` wants the model's lists, they are made deeper, and kept there.
    """
    wanted = candidates.wants(kind, model.handle)
    top = model.top_n(kind, subjects, max(n, candidates.depth) if wanted else n)
    first = top.indices[:, : explained if kind in model.reason_kinds else 0]
    why = model.reasons(kind, subjects, first) if first.size else no_reasons(first)
    if wanted:
        candidates.keep(model, kind, subjects, top, why)
    return top.first(n), why


def _with_handles(top: TopN, vocabulary: Vocabulary) -> Iterator[tuple[list[Handle], list[float]]]:
    listed = top.indices >= 0
    handles = vocabulary.handles(top.indices[listed])
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[listed].astype(np.float64), SCORE_DECIMALS).tolist()
    ends = np.cumsum(listed.sum(axis=1)).tolist()
    for start, end in zip([0, *ends], ends, strict=False):
        yield handles[start:end], scores[start:end]
