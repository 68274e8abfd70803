"""Users and courses as vectors with biases, learned by a loss that can be chosen."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.models.carried import Carried
from generator.models.factor_fitting import FactorPlan, fitted_factors
from generator.models.islands import NOWHERE, Islands
from generator.models.network_training import (
    HELD_OUT_NDCG,
    TrainingOptions,
    chosen_loss,
    measures_of,
)
from generator.models.options import Searched
from generator.models.run_options import RunOptions
from generator.models.two_sides import TwoSides, islands_of
from generator.nearest.vectors import row_products
from generator.networks.loss_names import LossName
from generator.reasons.alike import alike_courses
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.errors import ModelError
from shared.kinds import Entity, KindName
from shared.records import ReasonKind

COPIES_OF_TABLES = 12
"""Weights, gradients, moments, the last and the best epoch's, what is kept and what is searched."""
BYTES_OF_PROGRAMS = 110 * 2**20
RIDGE = 1e-3
REG_OF_VALUES, REG_OF_CHOICES = 16.0, 3.0
SIZE_OF_VALUES, SIZE_OF_CHOICES = 16, 64


class MfOptions(TrainingOptions):
    embedding_size: Annotated[int, Searched(8, 128)] = Field(
        0,
        ge=0,
        le=1024,
        description="Numbers that describe a user or a course; 0 takes 16 for squared, else 64.",
    )
    loss: Literal["auto", "softmax", "sampled_softmax", "bpr", "gbce", "squared"] = Field(
        "auto",
        description="What training makes small; squared foretells ratings (or how long views are, "
        "where there are none), the others which courses are taken up. auto is softmax up to 5,000 "
        "courses, beyond that sampled_softmax.",
    )
    negatives: int = Field(
        512,
        ge=1,
        le=100_000,
        description="Courses drawn in a step for a loss over some of them.",
    )
    reg: Annotated[float, Searched(0.1, 30.0)] = Field(
        0.0,
        ge=0,
        le=1e6,
        description="Pull of a vector towards zero: raise it where views are few. 0 takes 16 for "
        "squared, else 3.",
    )
    bias_reg: float = Field(
        4.0, ge=0, le=1e6, description="Pull of a bias towards that of everybody."
    )
    learning_rate: Annotated[float, Searched(0.001, 0.03)] = Field(
        0.01,
        gt=0,
        le=1,
        description="Step of the optimizer, after a warm-up; falls as a cosine.",
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class MfUserCourseView(TwoSides):
    """Matrix factorisation with biases (Koren, Bell & Volinsky, IEEE Computer 2009), by Keras.

    Score of user u and course c: ``p_u q_c + b_u + b_c``. By default it is what a softmax over all
    courses makes the chance of, that u takes c up next, each view counting as much as
    `generator.dataset.evidence` says; b_c then begins at the logarithm of how often c is taken up,
    and b_u does nothing. With `loss` squared it is what u would rate c, learned from ratings alone,
    or from ln(1 + minutes) where there are none: that foretells values, not choices, and lists by
    it find less (docs/defaults.md). Either way vectors are pulled to 0, and biases to where they
    began, once for each user and course (a Gaussian prior), by `reg` and `bias_reg`.

    Assumes that a few hidden tastes explain the views, and so says nothing across islands of views
    (`generator.models.islands`). Similar users and courses: cosine of their vectors. A user who is
    folded in gets the vector that users of such courses have: ``A x / (n + 1)``, where x is the sum
    of the n courses' vectors, each times what it counts, and A is fitted by least squares on the
    users who were trained; with `loss` squared, vector and bias that fit the user's values best.
    The terms of that sum are the reasons. Cost: views * (negatives or
    courses) * size multiplications an epoch, on one thread (more would change the lists); in memory
    48 * size bytes a user and course, and 1 GB for TensorFlow.
    """

    handle = "mf_user_course_view"
    title = "Hidden tastes and biases (network of factors)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations", "course_users")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Options = MfOptions
    config: MfOptions
    learned = (
        *("_evidence", "_users", "_courses", "_user_biases", "_course_biases"),
        *("_everyday", "_by_courses", "_measures"),
    )
    library, library_bytes = "tensorflow", 700 * 2**20

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, the tables of both sides, and what one step scores."""
        rows = len(dataset.users) + len(dataset.courses)
        tables = 4 * COPIES_OF_TABLES * (self._size + 2) * rows
        return super().memory_bytes(dataset) + tables + BYTES_OF_PROGRAMS

    @property
    def measures(self) -> Mapping[str, float]:
        """The epoch that was best, and how good it was on pairs held out, where enough were."""
        return self._measures

    @property
    def _foretells_values(self) -> bool:
        return self.config.loss == "squared"

    @property
    def _size(self) -> int:
        chosen = SIZE_OF_VALUES if self._foretells_values else SIZE_OF_CHOICES
        return self.config.embedding_size or chosen

    @property
    def _reg(self) -> float:
        chosen = REG_OF_VALUES if self._foretells_values else REG_OF_CHOICES
        return self.config.reg or chosen

    def values(
        self, users: NDArray[np.integer], courses: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """float32, one for each pair: what the user would rate the course, on the scale of the
        ratings, or ln(1 + minutes) where there are none. Of a user or a course that is not known,
        what all others say. Raises ModelError unless `loss` is squared."""
        if not self._foretells_values:
            raise ModelError(f"{self.handle} foretells values only if its loss is squared.")
        products = row_products(self._users[users], self._courses[courses])
        values: NDArray[np.float32] = (
            products + self._user_biases[users] + self._course_biases[courses]
        )
        if not self.dataset.ratings.nnz:
            return np.maximum(values, 0)
        scale = Evidence(**self._evidence)
        return np.clip(values, scale.low, scale.high)

    def _loss(self, courses: int) -> LossName:
        return chosen_loss(self.config.loss, courses)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._evidence = Evidence.of(dataset, self.config.reviews).learned
        amounts = self._amounts(dataset)
        islands, size = Islands(amounts), self._size
        users = np.flatnonzero(islands.of_user != NOWHERE)
        courses = np.flatnonzero(islands.of_course != NOWHERE)
        # Zeros stand for what nothing was learned of.
        self._users = np.zeros((len(dataset.users), size), np.float32)
        self._courses = np.zeros((len(dataset.courses), size), np.float32)
        self._user_biases = np.zeros(len(dataset.users), np.float32)
        self._everyday = (
            float(amounts.data.mean(dtype=np.float64))
            if self._foretells_values and amounts.nnz
            else 0.0
        )
        self._course_biases = np.full(len(dataset.courses), self._everyday, np.float32)
        self._by_courses: NDArray[np.floating] = np.zeros((size, size))
        self._measures: dict[str, float] = {}
        if not len(users):
            return
        loss = self._loss(len(courses))
        plan = FactorPlan(
            size,
            loss,
            self.config.negatives,
            self._reg,
            self.config.bias_reg,
            self.config,
        )
        factors = fitted_factors(amounts[users][:, courses], plan, run, handle=self.handle)
        self._users[users], self._courses[courses] = factors.users, factors.courses
        self._user_biases[users] = factors.user_biases
        self._course_biases[courses] = factors.course_biases
        held_out = "held_out_rmse" if loss == "squared" else HELD_OUT_NDCG
        self._measures = measures_of(factors.epochs, abs(factors.value), held_out)
        sums = self._sums(self._counted(dataset))[users]
        gram = sums.T @ sums + RIDGE * np.eye(size)
        self._by_courses = np.linalg.solve(gram, sums.T @ self._users[users].astype(np.float64))

    def _amounts(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: what each view counts, or if squared what it is worth."""
        evidence = Evidence(**self._evidence)
        if not self._foretells_values:
            return evidence.weights(dataset)
        if dataset.ratings.nnz:
            return dataset.ratings.astype(np.float32)
        return Evidence(**self._evidence | {"reviews": False}).minutes(dataset)

    def _counted(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: likewise, if squared beyond what the course is worth to all;
        courses of which nothing was learned have no entry."""
        counted = self._amounts(dataset).copy()
        learned = np.asarray(self._courses.any(axis=1))
        keep = learned[counted.indices]
        if self._foretells_values:
            counted.data -= self._course_biases[counted.indices]
        row = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))[keep]
        entries = counted.data[keep], (row, counted.indices[keep])
        return sp.csr_matrix(entries, shape=counted.shape)

    def _sums(self, counted: sp.csr_matrix) -> NDArray[np.float64]:
        """float64 [rows, size]: x / (n + 1) of the docstring."""
        views = np.diff(counted.indptr)[:, None]
        sums: NDArray[np.float64] = counted @ self._courses.astype(np.float64) / (views + 1)
        return sums

    def _prepare(self) -> None:
        self._views = self._counted(self.dataset)
        vectors: dict[Entity, NDArray[np.float32]] = {"user": self._users, "course": self._courses}
        ours, theirs = self._user_biases[:, None], self._course_biases[:, None]
        factors: dict[Entity, NDArray[np.float32]] = {
            "user": np.hstack([self._users, np.ones_like(ours), ours]),
            "course": np.hstack([self._courses, theirs, np.ones_like(theirs)]),
        }
        self._place(islands_of(self._views), vectors, factors)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._courses = carried.by_course(self._courses, 0)
        self._course_biases = carried.by_course(self._course_biases, self._everyday)
        users = carried.by_user(self._users, 0)
        biases = carried.by_user(self._user_biases, 0)
        now = self._counted(dataset)
        changed = np.flatnonzero(carried.changed_users(self._views, now))
        if self._foretells_values:
            users[changed], biases[changed] = self._solved(now[changed])
        else:
            users[changed] = self._sums(now[changed]) @ self._by_courses
        self._users, self._user_biases = users, biases

    def _solved(self, beyond: sp.csr_matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """float64 [rows, size] and [rows]: vector and bias of the least squares of each row."""
        pulls = np.append(np.full(self._users.shape[1], self._reg), self.config.bias_reg)
        solved = np.zeros((beyond.shape[0], len(pulls)))
        for row in np.flatnonzero(np.diff(beyond.indptr)):
            entries = slice(beyond.indptr[row], beyond.indptr[row + 1])
            courses = self._courses[beyond.indices[entries]].astype(np.float64)
            known = np.column_stack([courses, np.ones(len(courses))])
            # Without any pull, and with fewer ratings than numbers, there is no one solution.
            gram = known.T @ known + np.diag(np.maximum(pulls, RIDGE))
            solved[row] = np.linalg.solve(gram, known.T @ beyond.data[entries])
        return solved[:, :-1], solved[:, -1]

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        views = self._views[subjects]
        if kind == "similar_users":
            return shared_features(views, self._views, listed)
        said = (self._courses @ self._by_courses).astype(np.float32)
        return alike_courses(views, said, listed, self._courses)
