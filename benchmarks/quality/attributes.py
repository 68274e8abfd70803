"""`python -m benchmarks.quality.attributes`: held-out pairs beside pairs by lot, by their scores.

COCo, by time. For every pair of the test part a course that the user has taken up in neither part
is drawn, uniformly or as often as courses are viewed; AUC is the chance that the former scores
higher. Logistic regression has the same features and learns from as many pairs by lot.
"""

import argparse
import os
import sys
from pathlib import Path
from time import process_time

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.data_sets import COCO
from benchmarks.targets import Target, conclude
from generator.dataset.dataset import Dataset
from generator.evaluation.metrics import auc
from generator.evaluation.protocols import split_of
from generator.models.fm_user_course_attribute import FmUserCourseAttribute
from generator.models.pair_features import features_of
from generator.models.run_options import RunOptions

Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]


def main() -> int:
    asked = _options()
    if not COCO.is_in(Path(asked.data)):
        print(f"{COCO.train} is not in {asked.data}: set DATA_FOLDER to a folder that has it.")
        return 1
    split = split_of(COCO.cut(Path(asked.data)))
    train, taken = split.train, (split.held_out + split.train.seen).tocsr()
    random = np.random.default_rng(asked.seed)
    held_out = split.held_out.nonzero()
    started = process_time()
    model = FmUserCourseAttribute(epochs=asked.epochs).fit(train, RunOptions(seed=asked.seed))
    fitted = process_time()
    regression = _Regression(train, taken, random)
    print(f"  fitted in {fitted - started:.0f} s and {process_time() - fitted:.0f} s")
    targets = []
    for how, chances in (("uniformly", None), ("by popularity", _popularity(train))):
        others = _by_lot(held_out[0], taken, random, chances)
        pairs = _both(held_out, others)
        is_positive = np.arange(len(pairs[0])) < len(held_out[0])
        ours = model.score(pairs[0], pairs[1][:, None])[:, 0]
        known = ~np.isnan(ours)
        figures = {
            model.handle: auc(ours[known], is_positive[known]),
            "logistic regression": auc(regression.scores(pairs)[known], is_positive[known]),
        }
        print(f"  others {how}: {int(known.sum()):,} of {len(known):,} pairs scored")
        for name, value in figures.items():
            print(f"    {value:.4f}  {name}", flush=True)
        targets.append(
            Target(
                f"{COCO.name} {model.handle} AUC, others {how}",
                figures[model.handle],
                figures["logistic regression"],
            )
        )
    print()
    return conclude(targets)


class _Regression:
    """Who it is, which course it is, and all that is known of either, each with a weight."""

    def __init__(self, train: Dataset, taken: sp.csr_matrix, random: np.random.Generator) -> None:
        self._users = _with_names(features_of(train, "user").values)
        self._courses = _with_names(features_of(train, "course").values)
        viewed = train.view_seconds.nonzero()
        others = _by_lot(viewed[0], taken, random, None)
        pairs = _both(viewed, others)
        is_viewed = np.arange(len(pairs[0])) < len(viewed[0])
        self._fitted = LogisticRegression(max_iter=300).fit(self._features(pairs), is_viewed)

    def scores(self, pairs: Pairs) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self._fitted.decision_function(self._features(pairs))
        return scores

    def _features(self, pairs: Pairs) -> sp.csr_matrix:
        return sp.hstack([self._users[pairs[0]], self._courses[pairs[1]]]).tocsr()


def _with_names(features: sp.csr_matrix) -> sp.csr_matrix:
    return sp.hstack([sp.identity(features.shape[0]), features]).tocsr()


def _both(pairs: Pairs, others: Pairs) -> Pairs:
    return np.concatenate([pairs[0], others[0]]), np.concatenate([pairs[1], others[1]])


def _popularity(train: Dataset) -> NDArray[np.float64]:
    viewers = train.viewers
    chances: NDArray[np.float64] = viewers / viewers.sum()
    return chances


def _by_lot(
    users: NDArray[np.int32],
    taken: sp.csr_matrix,
    random: np.random.Generator,
    chances: NDArray[np.float64] | None,
) -> Pairs:
    """For each of `users` a course that they have not taken up."""
    courses = np.zeros(len(users), np.int32)
    missing = np.arange(len(users))
    while len(missing):
        courses[missing] = random.choice(taken.shape[1], len(missing), p=chances)
        is_taken = np.asarray(taken[users[missing], courses[missing]]).ravel()
        missing = missing[is_taken > 0]
    return users, courses


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.attributes")
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--epochs", type=int, default=4, help="10 s of a processor each")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
