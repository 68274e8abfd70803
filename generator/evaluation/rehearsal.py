"""What hybrids learn from: lists made of a part of the past, and what users took up after it.

A hybrid is measured on other users than it learned from: it is fitted twice, each time on one half
of the users, and asked about the other. What is published has learned from all of them.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.evaluation.metrics import CUT_OFFS, PerUser, hits_of, ndcg
from generator.evaluation.neighbours import NEIGHBOURS, share_in_common
from generator.evaluation.protocols import Split
from generator.hybrids.base import Hybrid, Rehearsal
from generator.lists.candidates import Candidates
from generator.lists.ranked import ranked
from generator.models.run_options import RunOptions
from generator.nearest.top_n import PADDING
from generator.reranking.rules import NO_RULES, Rules
from shared.kinds import KindName

LENGTH = CUT_OFFS[0]


def taught(models: Iterable[object], split: Split, candidates: Candidates) -> dict[str, Hybrid]:
    """The hybrids among `models` by handle, not fitted, that have learned from all users."""
    return {
        model.handle: type(model)(**model.options).learn(
            rehearsal_of(split, candidates, split.users, model.serves[0])
        )
        for model in models
        if isinstance(model, Hybrid)
    }


def cross_fitted(
    hybrid: Hybrid,
    split: Split,
    run: RunOptions,
    candidates: Candidates,
    n: int,
    rules: Rules = NO_RULES,
) -> tuple[NDArray[np.int32], Hybrid]:
    """int32 [users of the split, n]: what a hybrid lists that has learned from other users.

    And the hybrid that learned from the second half of them.
    """
    users, kind = split.users, hybrid.serves[0]
    listed = np.full((len(users), n), PADDING, np.int32)
    in_first_half = np.random.default_rng(run.seed).permutation(len(users)) < len(users) / 2
    for learns in (in_first_half, ~in_first_half):
        fitted = type(hybrid)(**hybrid.options)
        fitted.learn(rehearsal_of(split, candidates, users[learns], kind))
        fitted.over(candidates).fit(split.train, run)
        listed[~learns] = ranked(fitted, kind, users[~learns], n, rules=rules)
    return listed, fitted


def rehearsal_of(
    split: Split,
    candidates: Candidates,
    users: NDArray[np.int32],
    kind: KindName = "recommendations",
) -> Rehearsal:
    """What lists of courses are worth, or of users: by held-out courses in common."""
    measure = partial(_agreeing, split.held_out) if kind == "similar_users" else _worth
    return Rehearsal(candidates, users, split.held_out[users], measure, split.train)


def _agreeing(of_all: sp.csr_matrix, listed: NDArray[np.int32], held_out: sp.csr_matrix) -> PerUser:
    return np.nan_to_num(share_in_common(listed[:, :NEIGHBOURS], held_out, of_all))


def _worth(listed: NDArray[np.int32], held_out: sp.csr_matrix) -> PerUser:
    return ndcg(hits_of(listed, held_out), LENGTH)
