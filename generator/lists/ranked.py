"""Row numbers to handles: what a model ranked becomes what the store keeps."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from generator.dataset.vocabulary import Vocabulary
from generator.lists.candidates import NO_CANDIDATES, Candidates
from generator.lists.rankings import for_everybody, unseen_of
from generator.lists.stored_reasons import stored_reasons
from generator.models.base import Model
from generator.nearest.top_n import PADDING, SCORE_DECIMALS, TopN
from generator.reasons.reasons import Reasons, no_reasons
from generator.reranking.rules import NO_RULES, Rules, RulesOfKind
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
    rules: Rules = NO_RULES,
) -> list[ListRow]:
    """A row for each subject, in that order, with at most `n` entries.

    subjects: int32 row numbers of users or courses, as the kind says. The first `reasons_per_list`
    entries carry their reasons, if the model has any. All that it depends on is in the arguments.
    """
    dataset = model.dataset
    explained = min(reasons_per_list, n)
    top, why = _ranked_block(model, kind, subjects, n, explained, candidates, rules)
    handles = dataset.vocabulary(KINDS[kind].subject).handles(subjects)
    entries = _with_handles(top, dataset.vocabulary(KINDS[kind].entry))
    reasons: Iterable[ListReasons | None] = repeat(None)
    if why.counts.shape[1]:
        first = top.indices[:, :explained]
        reason_kind = model.reason_kinds[kind]
        reasons = stored_reasons(reason_kind, why, subjects, first, dataset, model.named)
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
    rules: Rules = NO_RULES,
) -> NDArray[np.int32]:
    """int32 [subjects, n]: the same lists, as evaluation looks at them."""
    blocks = [
        _ranked_block(model, kind, block, n, candidates.explained, candidates, rules)[0].indices
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
    rules: Rules,
) -> tuple[TopN, Reasons]:
    """The `n` best entries of each subject, and why the first `explained` are there.

    Where `candidates` wants the model's lists, they are made deeper, and kept there.
    """
    if (of_kind := rules.of(kind)) is not None:
        return _by_rules(model, kind, subjects, n, explained, candidates, of_kind)
    wanted = candidates.wants(kind, model.handle)
    top = model.top_n(kind, subjects, max(n, candidates.depth) if wanted else n)
    why = _why(model, kind, subjects, top.indices[:, :explained])
    if wanted:
        candidates.keep(model, kind, subjects, top, why)
    return top.first(n), why


def _by_rules(
    model: Model,
    kind: KindName,
    subjects: NDArray[np.int32],
    n: int,
    explained: int,
    candidates: Candidates,
    rules: RulesOfKind,
) -> tuple[TopN, Reasons]:
    """The same by rules. What hybrids are made from keeps the model's order and its duplicates."""
    rank, depth = partial(model.top_n, kind), rules.depth(n)
    wanted = candidates.wants(kind, model.handle)
    top = rules.offered(rank, subjects, max(depth, candidates.depth) if wanted else depth)
    if wanted:
        first = top.indices[:, : candidates.explained]
        candidates.keep(model, kind, subjects, top, _why(model, kind, subjects, first))
    if not model.is_personal:
        seen = rules.seen(model.dataset.seen[subjects])
        shown = unseen_of(for_everybody(model, n, rules), seen, n)
        return shown, _why(model, kind, subjects, shown.indices[:, :explained])
    ruled = rules.lists(rank, subjects, top.first(depth), n)
    return ruled.shown, _why(model, kind, subjects, ruled.found[:, :explained])


def _why(
    model: Model, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
) -> Reasons:
    explained = listed if kind in model.reason_kinds else listed[:, :0]
    return model.reasons(kind, subjects, explained) if explained.size else no_reasons(explained)


def _with_handles(top: TopN, vocabulary: Vocabulary) -> Iterator[tuple[list[Handle], list[float]]]:
    listed = top.indices >= 0
    handles = vocabulary.handles(top.indices[listed])
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[listed].astype(np.float64), SCORE_DECIMALS).tolist()
    ends = np.cumsum(listed.sum(axis=1)).tolist()
    for start, end in zip([0, *ends], ends, strict=False):
        yield handles[start:end], scores[start:end]
