"""LambdaMART (Burges, MSR-TR-2010-82), by LightGBM: trees that put what is taken up in front."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import ModelError

REQUIREMENTS = "requirements-ranker.txt"
PATIENCE = 50
"""So many trees that help nobody held out end it."""
FIXED = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [10],
    "lambdarank_truncation_level": 20,
    "min_data_in_leaf": 100,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    # With more, each waits for the slowest many times: 12 times as long where processors are busy.
    "num_threads": 1,
}


@dataclass(frozen=True)
class Lesson:
    """Lists of users, one after the other, and which of their entries were taken up."""

    table: NDArray[np.float32]
    """float32 [entries, features]."""
    taken_up: NDArray[np.bool_]
    """bool [entries]."""
    lengths: NDArray[np.int64]
    """int64 [users]: entries of each."""

    def parts(self, users: int) -> tuple["Lesson", "Lesson"]:
        """The first so many users, and the others."""
        entries = int(self.lengths[:users].sum())
        return (
            Lesson(self.table[:entries], self.taken_up[:entries], self.lengths[:users]),
            Lesson(self.table[entries:], self.taken_up[entries:], self.lengths[users:]),
        )


@dataclass(frozen=True)
class Grown:
    text: str
    """LightGBM's own format."""
    count: int
    gains: dict[str, float]
    """Feature -> its part of the gain of all splits."""


def is_installed() -> bool:
    return find_spec("lightgbm") is not None


def lightgbm() -> Any:
    """Raises ModelError if it is not installed."""
    try:
        import lightgbm
    except ImportError as error:
        raise ModelError(f"lightgbm is not installed: pip install -r {REQUIREMENTS}.") from error
    return lightgbm


def grown(
    lesson: Lesson, names: Sequence[str], options: Mapping[str, float], stopped_by: Lesson | None
) -> Grown:
    """At most `trees` of so many `leaves`, with a `learning_rate`.

    stopped_by: others, so that the trees end where they helped these most; None grows all. The same
    for the same lessons, on one thread.
    """
    library, sets = lightgbm(), [_set_of(lesson, names)]
    if stopped_by is not None:
        sets.append(_set_of(stopped_by, names).set_reference(sets[0]))
    booster = library.train(
        {
            **FIXED,
            "num_leaves": options["leaves"],
            "learning_rate": options["learning_rate"],
        },
        sets[0],
        num_boost_round=int(options["trees"]),
        valid_sets=sets[1:],
        callbacks=[library.early_stopping(PATIENCE, verbose=False)] if sets[1:] else [],
    )
    best = booster.best_iteration if sets[1:] else booster.num_trees()
    gains = booster.feature_importance("gain", iteration=best)
    parts = gains / max(gains.sum(), np.finfo(float).tiny)
    text: str = booster.model_to_string(num_iteration=best)
    return Grown(text, best, dict(zip(names, parts.tolist(), strict=True)))


def _set_of(lesson: Lesson, names: Sequence[str]) -> Any:
    labels = lesson.taken_up.astype(np.float32)
    return lightgbm().Dataset(lesson.table, labels, group=lesson.lengths, feature_name=list(names))


class Trees:
    """What was grown, to be asked."""

    def __init__(self, text: str) -> None:
        self._booster = lightgbm().Booster(model_str=text)

    def scores(self, table: NDArray[np.float32], threads: int) -> NDArray[np.float32]:
        """float32 [entries] of float32 [entries, features]: larger ones belong in front."""
        scores: NDArray[np.float64] = self._booster.predict(table, num_threads=threads)
        return scores.astype(np.float32)
