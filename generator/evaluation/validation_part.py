"""The part of a training part that options are searched on: cut as the test part was cut."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.dataset.indices import microseconds
from generator.evaluation.protocols import (
    Cut,
    Order,
    cut_by,
    leave_last_out,
    random_share,
    time_split,
)
from generator.validation.columns import VIEWS

TestKind = Literal["time", "leave-last-out", "random"]
NEARLY_ALL = 0.95
LEAST_SHARE, MOST_SHARE = 0.02, 0.5


def validation_of(
    cut: Cut, protocol: str, share: float | None = None, seed: int = 42, order: Order = "file"
) -> Cut:
    """A part of the training part; for `given` one like the test part, whatever made that.

    protocol: given, or one that `cut_by` knows. What options are chosen by then asks what the test
    part asks: the next course of each user, what came after a moment, or courses by lot.
    """
    if protocol != "given":
        return cut_by(protocol, cut.train, share, seed, order)
    if (kind := kind_of_test(cut)) == "time":
        return time_split(cut.train, _share(cut))
    if kind == "leave-last-out":
        return leave_last_out(cut.train, seed, order)
    return random_share(cut.train, _share(cut), seed)


def kind_of_test(cut: Cut) -> TestKind:
    """What the test part looks like.

    time: nearly all of its dates are after nearly all of training's. leave-last-out: nearly all
    of its users have a single course there, dated no earlier than those in training where there
    are dates.
    """
    train, test = (_dated(views) for views in (cut.train[VIEWS], cut.held_out))
    if len(train) and len(test):
        before = np.quantile(train["at"], NEARLY_ALL)
        if (test["at"] >= before).mean() >= NEARLY_ALL:
            return "time"
    courses = cut.held_out.groupby("user_handle", observed=True)["course_id"].nunique()
    if (courses == 1).mean() >= NEARLY_ALL and _are_last(train, test):
        return "leave-last-out"
    return "random"


def _are_last(train: pd.DataFrame, test: pd.DataFrame) -> bool:
    """True if users' test views are after their training views, or nobody knows."""
    latest = train.groupby("user_handle", observed=True)["at"].max()
    at: NDArray[np.float64] = test["user_handle"].astype(object).map(latest).to_numpy(float)
    known = ~np.isnan(at)
    return not known.any() or bool((test["at"][known] >= at[known]).mean() >= NEARLY_ALL)


def _dated(views: pd.DataFrame) -> pd.DataFrame:
    """user_handle and `at`, microseconds since 1970, of the views that have a date."""
    if "view_date" not in views:
        return pd.DataFrame({"user_handle": [], "at": []})
    dated = views[views["view_date"].notna()]
    return pd.DataFrame(
        {"user_handle": dated["user_handle"], "at": microseconds(dated["view_date"])}
    )


def _share(cut: Cut) -> float:
    """Of all views, those of the test part; within what leaves both parts something."""
    asked = len(cut.held_out)
    return float(np.clip(asked / max(asked + len(cut.train[VIEWS]), 1), LEAST_SHARE, MOST_SHARE))
