"""The courses that most of those who began them completed: one ranking for everybody."""

from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import betaincinv

from generator.dataset.dataset import Dataset, Input
from generator.models.one_ranking import OneRanking
from generator.models.options import ModelOptions, Searched
from generator.models.prior_strength import LEAST_LIKENESS, prior_strength


class CompletedOptions(ModelOptions):
    confidence: Annotated[float, Searched(0.5, 0.99)] = Field(
        0.9,
        ge=0,
        lt=1,
        description="How sure it must be that a course's rate is above its score: the surer, the "
        "more learners it takes to come first.",
    )


class CompletedCourseView(OneRanking):
    """Courses by a lower bound of their completion rate, with a Beta prior estimated from all.

    Of n learners of a course of whom it is known, x completed it. All courses together say what a
    course is like of which nothing is known: ``Beta(m * s, (1 - m) * s)``, m being the share of all
    learners who completed and ``s = 1 / rho - 1`` by the correlation rho of two learners of one
    course (the moments of the beta-binomial, Kleinman 1973), from 1e-4 to .5. Score: the rate that
    the course is above with probability `confidence`, a quantile of ``Beta(x + m * s, n - x + (1 -
    m) * s)``; so 1 of 1 is not sure of much, and 90 of 100 comes before it.

    Assumes that a rate says something of a course, and nothing of its level: short courses are
    completed more. Learners are users with a view of which `completed` is true or false, and those
    in `course_completions`. Cost: the views once, and a quantile a course; 17 bytes a view.
    """

    handle = "completed_course_view"
    title = "Courses that are completed"
    needs: ClassVar[tuple[Input, ...]] = ("completions",)
    wants: ClassVar[tuple[Input, ...]] = ("interactions",)
    Options = CompletedOptions
    config: CompletedOptions

    def _scored(self, users: NDArray[np.bool_]) -> NDArray[np.float64]:
        completions = self.dataset.completions
        known = (_said(self.dataset) + completions).tocsr()
        mean, strength = _prior(_per_course(completions), _per_course(known))
        completed, learners = _per_course(completions[users]), _per_course(known[users])
        above = 1 - self.config.confidence
        before = mean * strength
        bounds = betaincinv(completed + before, learners - completed + strength - before, above)
        return np.where(learners > 0, bounds, 0)


def _said(dataset: Dataset) -> sp.csr_matrix:
    """bool [users, courses]: True where a view says whether the user completed the course."""
    views = dataset.interactions
    said = views.completed >= 0
    pairs = np.ones(int(said.sum()), bool), (views.users[said], views.courses[said])
    return sp.csr_matrix(pairs, shape=dataset.completions.shape)


def _per_course(pairs: sp.csr_matrix) -> NDArray[np.float64]:
    return np.bincount(pairs.indices, minlength=pairs.shape[1]).astype(np.float64)


def _prior(completed: NDArray[np.float64], learners: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and strength (the sum of both parameters) of the Beta that courses' rates come from."""
    begun = learners > 0
    x, n = completed[begun], learners[begun]
    # One more of each, so that a rate of 0 or 1 of all is not certain.
    mean = (x.sum() + 0.5) / (n.sum() + 1)
    spread, by_lot = (n * (x / n - mean) ** 2).sum(), mean * (1 - mean)
    within = len(n) - 1
    between = n.sum() - (n**2).sum() / n.sum() - within
    likeness = (spread / by_lot - within) / between if between > 0 else LEAST_LIKENESS
    return float(mean), prior_strength(likeness)
