"""From labelled pairs to a matcher."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from generator.duplicates.matcher import Matcher, Tree
from shared.errors import DataError

FOLDS = 5
FEWEST = 10
"""Of duplicates, and of pairs that are none: below that a threshold is chance."""
BOOSTING = {
    "n_estimators": 200,
    "max_depth": 3,
    "learning_rate": 0.05,
    "subsample": 0.6,
    "max_features": 0.4,
    "min_samples_leaf": 3,
}
"""Of three tried, the best on the validation parts of the labelled pairs in docs/benchmarks.md."""


def learned(
    features: NDArray[np.float32],
    are_duplicates: NDArray[np.bool_],
    names: Sequence[str],
    seed: int = 0,
) -> Matcher:
    """Stochastic gradient boosting (Friedman 2002) of shallow trees.

    features: [pairs, names]. The threshold is the one of the best F1 on pairs that were left out in
    turn, a fifth each. Raises DataError if there are too few pairs of either kind.
    """
    fewer = min(np.count_nonzero(are_duplicates), np.count_nonzero(~are_duplicates))
    if fewer < FEWEST:
        raise DataError(
            f"There are {np.count_nonzero(are_duplicates)} labelled pairs of duplicates and "
            f"{np.count_nonzero(~are_duplicates)} of others that are in the data; label at least "
            f"{FEWEST} of each."
        )
    boosting = GradientBoostingClassifier(random_state=seed, **BOOSTING)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    left_out = cross_val_predict(
        boosting, features, are_duplicates, cv=folds, method="predict_proba"
    )[:, 1]
    threshold, reached = best_threshold(left_out, are_duplicates)
    boosting.fit(features, are_duplicates)
    return Matcher(
        list(names),
        threshold,
        _base(are_duplicates),
        float(BOOSTING["learning_rate"]),
        [_tree(tree.tree_) for tree in boosting.estimators_.ravel()],
        {
            "pairs": len(features),
            "duplicates": int(np.count_nonzero(are_duplicates)),
            "f1": round(reached, 4),
        },
    )


def best_threshold(
    probabilities: NDArray[np.floating], are_duplicates: NDArray[np.bool_]
) -> tuple[float, float]:
    """The middle of all thresholds at which F1 is highest, and that F1."""
    order = np.argsort(-probabilities, kind="stable")
    found = np.cumsum(are_duplicates[order])
    scores = 2 * found / (np.arange(1, len(order) + 1) + np.count_nonzero(are_duplicates))
    # Between two that are equally probable no threshold can cut.
    ordered = probabilities[order]
    cuts = np.append(ordered[:-1] > ordered[1:], True)
    last = int(np.argmax(np.where(cuts, scores, -1)))
    following = ordered[last + 1] if last + 1 < len(ordered) else 0.0
    return float((ordered[last] + following) / 2), float(scores[last])


def f1(said: NDArray[np.bool_], are_duplicates: NDArray[np.bool_]) -> float:
    total = np.count_nonzero(said) + np.count_nonzero(are_duplicates)
    return 2 * np.count_nonzero(said & are_duplicates) / total if total else 0.0


def _base(are_duplicates: NDArray[np.bool_]) -> float:
    """What boosting starts from: the log of the odds of a pair."""
    share = float(are_duplicates.mean())
    return float(np.log(share / (1 - share)))


def _tree(tree: Any) -> Tree:
    return Tree(
        np.maximum(tree.feature, 0).tolist(),
        tree.threshold.tolist(),
        tree.children_left.tolist(),
        tree.children_right.tolist(),
        tree.value.ravel().tolist(),
    )
