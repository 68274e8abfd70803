"""Users and courses as points in one space, found by alternating least squares."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from implicit.recommender_base import ModelFitError
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from generator.dataset.dataset import Dataset, Input
from generator.dataset.view_weights import view_weights
from generator.models.base import Model, RunOptions, Task
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import themselves
from generator.reasons.least_squares import Contributions
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.errors import ModelError
from shared.records import ReasonKind

NO_LENGTH = 1e-6
"""A vector this short was pulled to zero by `reg`, and its direction is noise."""


@dataclass(frozen=True)
class AlsConfig:
    embedding_size: int = field(
        default=0,
        metadata={
            "help": "Numbers that describe a user or a course; 0 takes sqrt(viewed pairs) / 4, "
            "from 8 to 128."
        },
    )
    reg: float = field(
        default=20.0,
        metadata={
            "help": "Pull of every factor towards zero: raise it where views are few.",
            "search": (1.0, 200.0),
        },
    )
    alpha: float = field(
        default=40.0,
        metadata={
            "help": "How much surer of a viewed course than of an unviewed one: a view of average "
            "weight counts 1 + alpha times.",
            "search": (1.0, 100.0),
        },
    )
    epochs: int = field(default=15, metadata={"help": "Passes over all users and all courses."})

    def __post_init__(self) -> None:
        for name, low, high in (("embedding_size", 0, 4096), ("epochs", 1, 1000)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must be from {low} to {high}. Received: {value!r}")
        for name in ("reg", "alpha"):
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be above 0 and finite. Received: {value!r}")


class AlsUserCourseView(Model):
    """Implicit-feedback matrix factorisation (Hu, Koren & Volinsky 2008), by `implicit`.

    A view of t seconds weighs ``w = ln(1 + t / 60)``, divided by the mean over all views. Every
    user and course gets a vector such that the inner product is near 1 for a viewed pair and near
    0 for any other; a viewed pair's error counts ``1 + alpha * w`` times, another's once. (The
    library multiplies by alpha alone, so that a short view would count less than none: hence the
    confidences are computed here.) 0 seconds are no evidence.

    Assumes that a few hidden tastes explain the views. Knows users with some view time, and lists
    courses that anybody spent time on. Score of a user: cosine of the two vectors; of a course:
    inner product, about 0 to 1. Cost: epochs * (views * size + (users + courses) * size ** 2)
    multiplications times a small constant; in memory 4 * size bytes a user and course.
    """

    handle = "als_collab_filtering_user_course_view"
    title = "Hidden tastes (matrix factorisation)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Config = AlsConfig
    config: AlsConfig

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the factors: three copies of the users' are kept."""
        size = self._size(dataset.view_seconds.nnz)
        numbers = size * (3 * len(dataset.users) + 4 * len(dataset.courses))
        return super().memory_bytes(dataset) + 4 * numbers

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        confidence = self._confidences(dataset.view_seconds)
        viewers = np.flatnonzero(np.diff(confidence.indptr)).astype(np.int32)
        self._courses = np.unique(confidence.indices).astype(np.int32)
        self._confidences_of_users = confidence
        fitted = self._factorised(confidence[viewers][:, self._courses], run)
        lengths = np.linalg.norm(fitted.user_factors, axis=1)
        known = lengths > NO_LENGTH
        self._users = viewers[known]
        self._user_factors = fitted.user_factors[known]
        self._directions = DenseCandidates(self._user_factors / lengths[known, None], self._users)
        self._course_factors = DenseCandidates(fitted.item_factors, self._courses)
        self._contributions = Contributions(fitted.item_factors, self.config.reg)

    def _confidences(self, view_seconds: sp.csr_matrix) -> sp.csr_matrix:
        weights = view_weights(view_seconds)
        weights.data = 1 + self.config.alpha * weights.data
        return weights

    @property
    def embedding_size(self) -> int:
        """The size that was fitted with, chosen or given."""
        return self._course_factors.size

    def _size(self, viewed_pairs: int) -> int:
        # Few views cannot fill many factors: 128 of them on 8,000 views did no better than
        # popularity, while 1 million views gain little beyond 128.
        return self.config.embedding_size or min(max(math.isqrt(viewed_pairs) // 4, 8), 128)

    def _factorised(self, confidence: sp.csr_matrix, run: RunOptions) -> AlternatingLeastSquares:
        # Each row is solved by one thread, and BLAS threads inside those would only compete.
        with threadpool_limits(1, user_api="blas"):
            fitted = AlternatingLeastSquares(
                factors=self._size(confidence.nnz),
                regularization=self.config.reg,
                iterations=self.config.epochs,
                num_threads=run.threads,
                random_state=run.seed,
            )
            try:
                fitted.fit(
                    confidence,
                    show_progress=False,
                    callback=lambda epoch, _seconds, _loss: run.progress(
                        epoch + 1, self.config.epochs
                    ),
                )
            except ModelFitError:
                raise ModelError(
                    f"{self.handle} ran out of numbers while fitting: lower its alpha "
                    f"({self.config.alpha:g}) or raise its reg ({self.config.reg:g})."
                ) from None
        return fitted

    def _knows(self) -> NDArray[np.bool_]:
        knows = np.zeros(len(self.dataset.users), bool)
        knows[self._users] = True
        return knows

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_dense(
            self._directions.of(users),
            self._directions,
            n,
            exclude=themselves(users, len(self.dataset.users)),
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_dense(
            self._user_factors[np.searchsorted(self._users, users)],
            self._course_factors,
            n,
            exclude=self.dataset.seen[users],
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        weights = self._confidences_of_users
        return shared_features(weights[users], weights, listed)

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        places = np.where(listed < 0, -1, np.searchsorted(self._courses, listed))
        confidences = self._confidences_of_users[users][:, self._courses]
        found = self._contributions.strongest(confidences, places.astype(np.int32))
        return found.renumbered(self._courses)
