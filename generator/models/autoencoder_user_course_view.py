"""A network that reads all courses of a user and says what else belongs to them (Mult-VAE)."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.models.autoencoder_fitting import AutoencoderPlan, fitted_autoencoder
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, Islands
from generator.models.network_training import TrainingOptions, chosen_loss, measures_of
from generator.models.options import Searched
from generator.models.run_options import RunOptions
from generator.models.two_sides import TwoSides, islands_of
from generator.networks.bag_batches import MOST_ROWS, shares_of
from generator.networks.exported import Ask, asked_in_blocks, opened
from generator.networks.loss_names import LossName
from generator.reasons.alike import alike_courses
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.kinds import Entity, KindName
from shared.records import ReasonKind

COPIES_OF_TABLES = 8
"""Weights, gradients, moments, the last and the best epoch's, what is kept and what is searched."""
COPIES_OF_STATES = 6
BYTES_PER_LOGIT = 16
BYTES_OF_PROGRAMS = 120 * 2**20


class AutoencoderOptions(TrainingOptions):
    embedding_size: Annotated[int, Searched(32, 256)] = Field(
        128, ge=1, le=1024, description="Numbers that describe a user or a course."
    )
    hidden_size: int = Field(
        256, ge=1, le=4096, description="Numbers of the layer between a user's courses and state."
    )
    dropout: Annotated[float, Searched(0.2, 0.7)] = Field(
        0.5, ge=0, lt=1, description="Share of a user's courses hidden in each training step."
    )
    most_kl: Annotated[float, Searched(0.05, 1.0)] = Field(
        0.2, ge=0, le=10, description="Pull of states towards the standard normal, at the end."
    )
    anneal_epochs: float = Field(
        5.0, ge=0, le=1000, description="Epochs in which that pull rises from 0."
    )
    loss: Literal["auto", "softmax", "sampled_softmax"] = Field(
        "auto",
        description="softmax scores all courses in a step, sampled_softmax those that are drawn; "
        "auto is the former up to 5,000 courses.",
    )
    negatives: int = Field(
        4096, ge=1, le=100_000, description="Courses drawn in a step of sampled_softmax."
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class AutoencoderUserCourseView(TwoSides):
    """Variational autoencoder with a multinomial loss (Liang et al., WWW 2018: Mult-VAE).

    A user is the sum of vectors of their courses over the root of how many these are; a small
    network makes a state of it, and a softmax over the state's products with other vectors, and a
    bias each, makes the chance of every course (`generator.networks.autoencoder_network` has the
    equations). Vectors start at singular vectors of the views. In training, some of a user's
    courses are hidden, states are drawn rather than taken, and what is to be foretold counts as
    `generator.dataset.evidence` says; where courses are many, the softmax is over some that are
    drawn by popularity, each weighed for what it stands for.

    Assumes that courses explain courses, and nothing about users, so that a new user is read like
    any other; says nothing across islands of views (`generator.models.islands`). Score of a course:
    product of state and vector, and bias, which only orders; of a similar user or course: a cosine.
    Reasons are the courses whose vectors have the largest products with the listed one's. Cost:
    users * (negatives or courses) * size * 6 operations an epoch, on one thread (more would change
    the lists); in memory 32 * size bytes a course, 24 * size a user, and 1 GB for TensorFlow.
    """

    handle = "autoencoder_user_course_view"
    title = "All courses at once (variational autoencoder)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations", "course_users")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Options = AutoencoderOptions
    config: AutoencoderOptions
    learned = ("_evidence", "_inputs", "_outputs", "_states", "_network", "_measures")
    library, library_bytes = "tensorflow", 700 * 2**20

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, the tables, the states, and what one training step holds."""
        size, courses = self.config.embedding_size, len(dataset.courses)
        tables = 2 * COPIES_OF_TABLES * courses + COPIES_OF_STATES * len(dataset.users)
        scored = courses if self._loss(courses) == "softmax" else self.config.negatives
        logits = BYTES_PER_LOGIT * MOST_ROWS * scored
        return super().memory_bytes(dataset) + 4 * size * tables + logits + BYTES_OF_PROGRAMS

    @property
    def measures(self) -> Mapping[str, float]:
        """The epoch that was best, and its NDCG@10 on courses held out, where enough were."""
        return self._measures

    def _loss(self, courses: int) -> LossName:
        return chosen_loss(self.config.loss, courses)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._evidence = Evidence.of(dataset, self.config.reviews).learned
        views = Evidence(**self._evidence).weights(dataset)
        islands, size = Islands(views), self.config.embedding_size
        users = np.flatnonzero(islands.of_user != NOWHERE)
        courses = np.flatnonzero(islands.of_course != NOWHERE)
        # Zeros stand for what nothing was learned of.
        self._inputs = np.zeros((len(dataset.courses), size), np.float32)
        self._outputs = np.zeros((len(dataset.courses), size + 1), np.float32)
        self._states = np.zeros((len(dataset.users), size), np.float32)
        self._network, self._measures = b"", dict[str, float]()
        if not len(users):
            return
        plan = AutoencoderPlan(
            size,
            self.config.hidden_size,
            self._loss(len(courses)),
            self.config.negatives,
            self.config.dropout,
            self.config.most_kl,
            self.config.anneal_epochs,
            self.config,
        )
        fitted = fitted_autoencoder(views[users][:, courses], plan, run, handle=self.handle)
        self._inputs[courses], self._outputs[courses] = fitted.inputs, fitted.outputs
        self._network = fitted.graph
        self._measures = measures_of(fitted.epochs, fitted.ndcg)
        self._states[users] = self._read(self._views_in(dataset)[users])

    def _views_in(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: evidence; courses of which nothing was learned have none."""
        views = Evidence(**self._evidence).weights(dataset)
        learned = np.asarray(self._outputs.any(axis=1))
        views.data[~learned[views.indices]] = 0
        views.eliminate_zeros()
        return views

    def _read(self, views: sp.csr_matrix) -> NDArray[np.float32]:
        """float32 [rows, size]: the states of users with these views."""
        sums = np.asarray(shares_of(views) @ self._inputs, np.float32)
        states = asked_in_blocks(self._ask, {"sums": sums}, sums.shape[1])
        states[np.diff(views.indptr) == 0] = 0
        return states

    @cached_property
    def _ask(self) -> Ask:
        return opened(self._network)

    def _prepare(self) -> None:
        self._views = self._views_in(self.dataset)
        vectors: dict[Entity, NDArray[np.float32]] = {
            "user": self._states,
            "course": self._outputs[:, :-1],
        }
        ones = np.ones((len(self._states), 1), np.float32)
        factors: dict[Entity, NDArray[np.float32]] = {
            "user": np.hstack([self._states, ones]),
            "course": self._outputs,
        }
        self._place(islands_of(self._views), vectors, factors)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._inputs = carried.by_course(self._inputs, 0)
        self._outputs = carried.by_course(self._outputs, 0)
        states = carried.by_user(self._states, 0)
        now = self._views_in(dataset)
        changed = np.flatnonzero(carried.changed_users(self._views, now))
        if self._network and len(changed):
            states[changed] = self._read(now[changed])
        self._states = states

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        views = self._views[subjects]
        if kind == "similar_users":
            return shared_features(views, self._views, listed)
        return alike_courses(shares_of(views), self._inputs, listed, self._outputs[:, :-1])
