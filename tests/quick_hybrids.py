"""Hybrids that are made from the quickest models alone: what the others list has its own tests."""

import numpy as np
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.evaluation.metrics import hits_of, ndcg
from generator.hybrids.base import Hybrid, Rehearsal, candidates_of
from generator.lists.candidates import Candidates
from generator.models.base import Model
from generator.models.run_options import RunOptions
from tests.quick_models import QUICK


def with_lists_of_others(model: Model, dataset: Dataset, run: RunOptions) -> Model:
    """The model, before it is fitted; if it is a hybrid, it has the lists that it is made from."""
    if isinstance(model, Hybrid):
        model.over(candidates_of(QUICK, model.serves[0], dataset, run))
    return model


def learned_by_lot(hybrid: Hybrid, candidates: Candidates, dataset: Dataset) -> None:
    """It learns from everybody, as if each had taken up one of the courses that a model lists."""
    kind = hybrid.serves[0]
    (_, lists), *_ = candidates.lists(kind, hybrid.uses)
    users = np.flatnonzero(lists.known).astype(np.int32)
    listed = lists.of(users).indices[:, :20]
    place = np.random.default_rng(0).integers(0, (listed >= 0).sum(axis=1))
    courses = listed[np.arange(len(users)), place]
    ones, rows = np.ones(len(users), bool), np.arange(len(users))
    taken_up = sp.csr_matrix((ones, (rows, courses)), shape=(len(users), len(dataset.courses)))

    def measure(lists, held_out):
        return ndcg(hits_of(lists, held_out), 10)

    hybrid.learn(Rehearsal(candidates, users, taken_up, measure, dataset))
