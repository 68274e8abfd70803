"""The courses that rose most of late: one ranking for everybody."""

from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.indices import UNDATED
from generator.dataset.interactions import Interactions
from generator.dataset.view_weights import MICROSECONDS_PER_DAY
from generator.models.one_ranking import OneRanking
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions

ON_TIME = 0.999
"""The share of dated views before "now": a few dates in the future must not make all else past."""


class TrendingOptions(ModelOptions):
    half_life_days: Annotated[float, Searched(1.0, 180.0)] = Field(
        30.0,
        gt=0,
        le=36_500,
        description="A viewer of so many days ago counts half as recent, half as past.",
    )
    prior: Annotated[float, Searched(1.0, 200.0)] = Field(
        20.0,
        gt=0,
        description="Recent viewers that every course is given as many of as were expected: the "
        "larger, the more it takes to rise.",
    )


class TrendingCourseView(OneRanking):
    """Recent viewers beside those that the past lets expect, shrunk towards as many as expected.

    Whoever viewed a course, a days before now for the first time, counts ``r = 2 ** (-a /
    half_life_days)`` as recent and ``1 - r`` as past; now is when all but a thousandth of the dated
    views had happened. With R and P the sums of all courses, one with r_c and p_c was expected to
    have ``e_c = R * p_c / P`` recent viewers, its share of the past, so that neither a platform
    that grows nor a course that always was popular rises by that. Score: ``(r_c + prior) / (e_c +
    prior)``, the mean of a rate with a Gamma(prior, prior) before it (DuMouchel 1999): 1 for a
    course that stays what it was, 2 for twice as many, and near 1 for few viewers.

    Assumes that what rises goes on to rise. Viewers without a date are past. Where nothing is
    dated, or all of one time, nobody is past, and courses are ranked by viewers. Cost: the views
    once; 17 bytes a view.
    """

    handle = "trending_course_view"
    title = "Courses that rise"
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    Options = TrendingOptions
    config: TrendingOptions

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        if _now(dataset.interactions.times) is None:
            run.say(f"{self.handle}: no view has a date, so it ranks by viewers.")
        super()._fit(dataset, run)

    def _scored(self, users: NDArray[np.bool_]) -> NDArray[np.float64]:
        interactions, size = self.dataset.interactions, len(self.dataset.courses)
        courses, times = _first_views(interactions, users, size)
        recency = _recency(times, _now(interactions.times), self.config.half_life_days)
        recent = np.bincount(courses, recency, size)
        past = np.bincount(courses, 1 - recency, size)
        expected = past * (recent.sum() / (past.sum() or 1.0))
        prior = self.config.prior
        return np.where(recent + past > 0, (recent + prior) / (expected + prior), 0)


def _first_views(
    interactions: Interactions, users: NDArray[np.bool_], n_courses: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Course and time of these users' first view of each; UNDATED if a view has no date."""
    theirs = users[interactions.users]
    courses, times = interactions.courses[theirs], interactions.times[theirs]
    pairs = interactions.users[theirs].astype(np.int64) * n_courses + courses
    _, first = np.unique(pairs, return_index=True)
    return courses[first], times[first]


def _now(times: NDArray[np.int64]) -> int | None:
    """Microseconds since 1970, None if nothing has a date."""
    dated = times[times != UNDATED]
    return int(np.quantile(dated, ON_TIME, method="higher")) if len(dated) else None


def _recency(
    times: NDArray[np.int64], now: int | None, half_life_days: float
) -> NDArray[np.float64]:
    """float64: from 1, now, down to 0; 0 without a date, but 1 if nothing has one."""
    if now is None:
        return np.ones(len(times))
    dated = times != UNDATED
    days = np.maximum(now - np.where(dated, times, now), 0) / MICROSECONDS_PER_DAY
    return np.where(dated, np.exp2(-days / half_life_days), 0)
