"""Scores written down, ranked as a model would, and the courses behind them."""

import numpy as np

from generator.dataset.dataset import Dataset
from generator.nearest.top_n import PADDING, TopN
from generator.reranking.rule import Pool
from generator.reranking.rules import Rules
from tests.datasets import make_dataset


def courses_named(count: int, **more) -> Dataset:
    """Courses c000, c001, ... in this order."""
    return make_dataset(courses=[f"c{number:03}" for number in range(count)], **more)


def rank_of(scores: np.ndarray):
    """(subjects, n) -> best first, without scores that are not above 0."""

    def rank(subjects: np.ndarray, n: int) -> TopN:
        of_subjects = scores[subjects]
        order = np.argsort(-of_subjects, axis=1, kind="stable")[:, :n]
        order = np.pad(order, ((0, 0), (0, n - order.shape[1])))
        best = np.take_along_axis(of_subjects, order, axis=1).astype(np.float32)
        best[:, of_subjects.shape[1] :] = 0
        listed = best > 0
        return TopN(np.where(listed, order, PADDING).astype(np.int32), np.where(listed, best, 0))

    return rank


def listed_by(rules, dataset: Dataset, scores: np.ndarray, n: int, kind="recommendations"):
    """int32 [subjects, n]: what the rules make of it."""
    of_kind = Rules.made_of(rules, dataset).of(kind)
    subjects, rank = np.arange(len(scores), dtype=np.int32), rank_of(scores)
    pool = of_kind.offered(rank, subjects, of_kind.depth(n))
    return of_kind.lists(rank, subjects, pool, n).shown.indices


def pool_of(courses, kind="recommendations") -> Pool:
    courses = np.asarray(courses, np.int32)
    scores = np.where(courses != PADDING, 1 / (1 + np.arange(courses.shape[1])), 0)
    return Pool(kind, np.arange(len(courses), dtype=np.int32), courses, scores.astype(np.float32))
