"""How well ranked lists find what was held out: one number a user and metric.

Lists are int [users, n] with -1 as padding; `held_out` is a CSR matrix [users, courses] whose rows
stand in the same order. The conventions are those of trec_eval, and so of `ir-measures`, which the
tests compare with: a short list is not stretched, and a user with nothing held out gets 0.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.stats import rankdata

CUT_OFFS = (10, 20)

PerUser = NDArray[np.float64]


class Hits(NamedTuple):
    """Where lists hit."""

    found: NDArray[np.bool_]
    """bool [users, n]: True where the entry was held out."""
    held_out: NDArray[np.int64]
    """int64 [users]: how many courses were held out."""


def hits_of(listed: NDArray[np.integer], held_out: sp.csr_matrix) -> Hits:
    """Compare lists [users, n] with what was held out of the same users."""
    counts = np.diff(held_out.indptr).astype(np.int64)
    if not listed.size or not held_out.shape[1]:
        return Hits(np.zeros(listed.shape, bool), counts)
    rows = np.repeat(np.arange(len(listed)), listed.shape[1])
    entries = held_out[rows, np.maximum(listed, 0).ravel()]
    return Hits(np.asarray(entries, bool).reshape(listed.shape) & (listed >= 0), counts)


def precision(hits: Hits, k: int) -> PerUser:
    """Hits among the first k, divided by k, however short the list."""
    share: PerUser = hits.found[:, :k].sum(axis=1) / k
    return share


def recall(hits: Hits, k: int) -> PerUser:
    """Share of the held-out courses that are among the first k."""
    return _share(hits.found[:, :k].sum(axis=1), hits.held_out)


def ndcg(hits: Hits, k: int) -> PerUser:
    """Discounted cumulative gain over that of the ideal list, min(held out, k) hits in front.

    Gains are 0 or 1, discounted by log2(1 + rank) (Järvelin & Kekäläinen 2002).
    """
    depth = max(k, hits.found.shape[1])
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    gained = hits.found[:, :k] @ discounts[: hits.found[:, :k].shape[1]]
    ideal = np.concatenate([[0], np.cumsum(discounts)])[np.minimum(hits.held_out, k)]
    return _share(gained, ideal)


def average_precision(hits: Hits, k: int) -> PerUser:
    """Mean, over all held-out courses, of the precision at each one's rank; 0 beyond k.

    Its mean over users is MAP@k. Divides by everything held out, also where that is more than k.
    """
    found = hits.found[:, :k]
    at_rank = np.cumsum(found, axis=1) / np.arange(1, found.shape[1] + 1)
    return _share((at_rank * found).sum(axis=1), hits.held_out)


def reciprocal_rank(hits: Hits, k: int) -> PerUser:
    """1 / rank of the first hit among the first k, else 0. Its mean over users is MRR@k."""
    found = hits.found[:, :k]
    ranks = np.arange(1, found.shape[1] + 1)
    return np.asarray((found / ranks).max(axis=1, initial=0), np.float64)


def hit_rate(hits: Hits, k: int) -> PerUser:
    """1 if any of the first k was held out, else 0."""
    return np.asarray(hits.found[:, :k].any(axis=1), np.float64)


ACCURACY: Mapping[str, Callable[[Hits, int], PerUser]] = {
    "precision": precision,
    "recall": recall,
    "ndcg": ndcg,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "hit_rate": hit_rate,
}


def accuracy(
    listed: NDArray[np.integer], held_out: sp.csr_matrix, ks: Iterable[int] = CUT_OFFS
) -> dict[str, PerUser]:
    """Every metric at every cut-off, float64 [users], named like `ndcg_at_10`.

    The figure of a model is the mean over users. Cost: one look-up an entry of `listed`.
    """
    hits = hits_of(listed, held_out)
    return {f"{name}_at_{k}": metric(hits, k) for k in ks for name, metric in ACCURACY.items()}


def _share(part: NDArray[np.number], whole: NDArray[np.number]) -> PerUser:
    share: PerUser = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return share


def auc(scores: NDArray[np.floating], is_positive: NDArray[np.bool_]) -> float:
    """The chance that one of the positive scores is above one of the others, ties being half; NaN
    where there are none of either."""
    positive = int(is_positive.sum())
    others = len(scores) - positive
    if not positive or not others:
        return float("nan")
    above = rankdata(scores)[is_positive].sum() - positive * (positive + 1) / 2
    return float(above / (positive * others))


def rmse(foretold: NDArray[np.floating], given: NDArray[np.floating]) -> float:
    """Root of the mean squared difference of values, one for each pair; NaN of none."""
    if not len(given):
        return float("nan")
    return float(np.sqrt(np.mean(np.square(foretold.astype(np.float64) - given))))
