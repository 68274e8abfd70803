"""Figures for some of the users, or for some of what was held out."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.evaluation.assess import Assessment
from generator.evaluation.metrics import hits_of, ndcg, recall
from generator.evaluation.protocols import Split

K = 10
HISTORIES = (("new: 1 to 4 views", 1, 4), ("5 to 19 views", 5, 19), ("heavy: 20 or more", 20, None))
SHARE_OF_POPULAR = 0.2
"""The popular courses are this share of the viewed ones, the long tail is the rest."""


@dataclass(frozen=True)
class Slice:
    group: str
    name: str
    held_out: sp.csr_matrix
    """bool [asked users, courses]: what of the held-out part belongs to the slice."""

    @property
    def users(self) -> NDArray[np.bool_]:
        asked: NDArray[np.bool_] = np.diff(self.held_out.indptr) > 0
        return asked

    def figures(self, assessment: Assessment) -> dict[str, float]:
        """Means over the users of the slice; empty if the model lists nothing."""
        if assessment.listed is None:
            return {}
        users = self.users
        hits = hits_of(assessment.listed[users], self.held_out[users])
        return {
            f"ndcg_at_{K}": float(ndcg(hits, K).mean()),
            f"recall_at_{K}": float(recall(hits, K).mean()),
        }


def slices(split: Split) -> list[Slice]:
    """By views in training, by popularity of the held-out course, by its level; none empty."""
    held_out = split.held_out[split.users]
    views = np.diff(split.train.seen.indptr)[split.users]
    found = [
        Slice("users by their views in training", name, _rows(held_out, (views >= low) & below))
        for name, low, high in HISTORIES
        for below in [views <= (np.inf if high is None else high)]
    ]
    popular = _popular(split.train.viewers)
    for name, courses in (("popular fifth of the courses", popular), ("long tail", ~popular)):
        found.append(Slice("held-out courses by viewers", name, _columns(held_out, courses)))
    level = _levels(split.train.viewed_levels, len(split.train.levels))
    for index, handle in enumerate(split.train.levels.handles()):
        columns = _columns(held_out, level == index)
        found.append(Slice("held-out courses by level", str(handle), columns))
    return [one for one in found if one.users.any()]


def _popular(viewers: NDArray[np.int64]) -> NDArray[np.bool_]:
    popular = np.zeros(len(viewers), bool)
    order = np.lexsort((np.arange(len(viewers)), -viewers))
    popular[order[: int(np.count_nonzero(viewers) * SHARE_OF_POPULAR)]] = True
    return popular


def _levels(viewed_levels: sp.csr_matrix, levels: int) -> NDArray[np.int64]:
    """int64 [courses]: the level that most training views of a course name; -1 if none does."""
    counts = np.zeros((viewed_levels.shape[1], max(levels, 1)), np.int64)
    np.add.at(counts, (viewed_levels.indices, viewed_levels.data.astype(int) - 1), 1)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), -1)


def _rows(held_out: sp.csr_matrix, kept: NDArray[np.bool_]) -> sp.csr_matrix:
    return _entries(held_out, np.repeat(kept, np.diff(held_out.indptr)))


def _columns(held_out: sp.csr_matrix, kept: NDArray[np.bool_]) -> sp.csr_matrix:
    return _entries(held_out, kept[held_out.indices])


def _entries(held_out: sp.csr_matrix, kept: NDArray[np.bool_]) -> sp.csr_matrix:
    rows = np.repeat(np.arange(held_out.shape[0]), np.diff(held_out.indptr))[kept]
    ones = np.ones(len(rows), bool)
    return sp.csr_matrix((ones, (rows, held_out.indices[kept])), shape=held_out.shape)
