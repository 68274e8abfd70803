"""The one list of a model that is the same for everybody."""

import numpy as np
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.models.base import Model
from generator.nearest.top_n import PADDING, SCORE_DECIMALS, TopN
from generator.reranking.rules import NO_RULES, Rules, RulesOfKind
from shared.records import Ranking

DEPTH_PER_LIST = 10
"""As deep as this many stored lists, since what a user has seen is left out when it is served."""


def ranking_of(model: Model, dataset: Dataset, n: int, rules: Rules = NO_RULES) -> Ranking:
    """Of a fitted model that is not personal. `n`: length of a stored list."""
    return named(for_everybody(model, n, rules.of("recommendations")), dataset)


def named(top: TopN, dataset: Dataset) -> Ranking:
    """The entries of one row, by handle, with their scores as they are stored."""
    listed = top.indices[0] != PADDING
    # As float64, so that 0.1 is written as 0.1 and not as the float32 next to it.
    scores = np.round(top.scores[0][listed].astype(np.float64), SCORE_DECIMALS)
    return Ranking(dataset.courses.handles(top.indices[0][listed]), scores.tolist())


def for_everybody(model: Model, n: int, rules: RulesOfKind | None) -> TopN:
    """One row, as deep as `DEPTH_PER_LIST` lists of `n`; rules hold for the whole of it."""
    depth = n * DEPTH_PER_LIST
    if rules is None:
        return model.ranking(depth)
    return rules.ranking(lambda _, deeper: model.ranking(deeper), depth)


def unseen_of(ranking: TopN, seen: sp.csr_matrix, n: int) -> TopN:
    """The first `n` of it that each user has not seen, as a server answers.

    seen: bool [users, courses].
    """
    courses, scores = (part[0][ranking.indices[0] != PADDING] for part in ranking)
    unseen = ~seen[:, courses].toarray()
    places = np.argsort(~unseen, axis=1, kind="stable")[:, :n]
    places = np.pad(places, ((0, 0), (0, n - places.shape[1])))
    listed = np.arange(n) < unseen.sum(axis=1)[:, None]
    if not len(courses):
        return TopN(np.full(listed.shape, PADDING, np.int32), np.zeros(listed.shape, np.float32))
    return TopN(
        np.where(listed, courses[places], PADDING).astype(np.int32),
        np.where(listed, scores[places], np.float32(0)),
    )
