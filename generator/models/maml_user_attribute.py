"""A start for every user that the first few courses make theirs: meta-learning for the new."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.course_sequences import numbers_of_courses, sequences_of
from generator.models.maml_fitting import MamlPlan, fitted_maml
from generator.models.network_training import TrainingOptions, chosen_loss, measures_of
from generator.models.options import Searched
from generator.models.pair_features import features_as, features_of
from generator.models.run_options import RunOptions
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.top_n import TopN
from generator.networks.exported import Ask, asked_in_blocks, opened
from generator.networks.loss_names import LossName
from generator.networks.rows import after_nothing
from generator.networks.task_batches import Tasks, known_before, stages_of
from generator.reasons.alike import alike_courses
from generator.reasons.reasons import Reasons
from shared.kinds import KindName
from shared.records import ReasonKind

COPIES_OF_TABLES = 10
"""Weights, gradients, moments, the last and the best epoch's, what is kept and what is searched."""
COPIES_OF_STATES = 6
BYTES_PER_FEATURE = 96
BYTES_PER_LOGIT = 16
BYTES_OF_PROGRAMS = 130 * 2**20


class MamlOptions(TrainingOptions):
    embedding_size: Annotated[int, Searched(16, 128)] = Field(
        64, ge=1, le=1024, description="Numbers that describe a user or a course."
    )
    most_known: int = Field(
        10,
        ge=1,
        le=100,
        description="So many of a user's courses are read at most; the number of them up to that "
        "is a stage, and all that is later is one more.",
    )
    steps: int = Field(
        2, ge=1, le=20, description="Steps by which a user's start is adapted to their courses."
    )
    step_size: Annotated[float, Searched(0.05, 1.0)] = Field(
        0.3, gt=0, le=100, description="Size of these steps, before training learns it."
    )
    first_order: bool = Field(
        False,
        description="Whether training takes the gradients of these steps for constants "
        "(first-order MAML), and known courses speak by the vectors that they are listed by.",
    )
    rivals: int = Field(
        1024,
        ge=1,
        le=100_000,
        description="Courses that a user's are held against in a step: those most taken up early.",
    )
    dropout: Annotated[float, Searched(0.2, 0.7)] = Field(
        0.5, ge=0, lt=1, description="Share of the numbers of a state hidden in training."
    )
    learning_rate: Annotated[float, Searched(0.0001, 0.003)] = Field(
        0.0005, gt=0, le=1, description="Step of the optimizer, after a warm-up; falls as a cosine."
    )
    loss: Literal["auto", "softmax", "sampled_softmax"] = Field(
        "auto",
        description="softmax scores all courses in a step, sampled_softmax those that are drawn; "
        "auto is the former up to 5,000 courses.",
    )
    negatives: int = Field(
        4096, ge=1, le=100_000, description="Courses drawn in a step of sampled_softmax."
    )


class Given(NamedTuple):
    """What adaptation is given of each user."""

    begun: NDArray[np.float32]
    """float32 [users, size]: where they begin."""
    sums: NDArray[np.float32]
    """float32 [users, size]: what their courses say."""
    amounts: NDArray[np.float32]
    """float32 [users, 1]: how much these count together."""


class MamlUserAttribute(Model):
    """Model-agnostic meta-learning (Finn et al., ICML 2017) with users as tasks, for the new.

    In training a user is a task: of their first k courses (k from 0 to `most_known`, and the last
    ones before some later moment) the ten that came next are to be foretold. A user's state begins
    where their attributes, interests and k put it, and a few steps down the gradient of a softmax
    over their k courses, in closed form, make it theirs; what is learned is where to begin, how far
    to go, and the courses' vectors (`generator.networks.maml_network` has the equations). Only the
    state adapts (CAVIA, Zintgraf et al., ICML 2019), so that a user is a few hundred bytes. Vectors
    start at what is taken up near each other, and biases are what is popular at that stage.

    Assumes that who begins alike goes on alike: it serves who has attributes or a few views. Every
    course counts alike, however long it was viewed. Score of a course: product of state and vector,
    and the bias of the stage, which only orders. Reasons are the courses whose vectors, weighted by
    stage and age, have the largest products with the listed one's. Users are held out whole to say
    which epoch was best. Cost: 24 * users * size * (courses or negatives, and 2 * steps * rivals)
    operations an epoch, on one thread (more would change the lists); in memory 24 * size bytes a
    user, and 1 GB for TensorFlow.
    """

    handle = "maml_user_attribute"
    title = "A start that a few courses make theirs (meta-learning)"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    wants: ClassVar[tuple[Input, ...]] = ("user_attributes", "interests")
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    Options = MamlOptions
    config: MamlOptions
    learned = (
        *("_names", "_edges", "_numbers", "_features", "_stages", "_ages", "_inputs", "_outputs"),
        *("_rates", "_network", "_states", "_measures"),
    )
    library, library_bytes = "tensorflow", 700 * 2**20

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, tables and states, and what one step scores."""
        users, courses, size = len(dataset.users), len(dataset.courses), self.config.embedding_size
        stages = self.config.most_known + 2
        tables = COPIES_OF_TABLES * (2 * size + stages) * courses
        states = (COPIES_OF_STATES * size + BYTES_PER_FEATURE) * users
        is_full = self._loss(courses) == "softmax"
        scored = courses if is_full else self.config.negatives
        logits = BYTES_PER_LOGIT * 128 * (scored + self.config.steps * self.config.rivals)
        return super().memory_bytes(dataset) + 4 * (tables + states) + logits + BYTES_OF_PROGRAMS

    @property
    def measures(self) -> Mapping[str, float]:
        """The epoch that was best, and its NDCG@10 on users held out, where enough were."""
        return self._measures

    def _loss(self, courses: int) -> LossName:
        return chosen_loss(self.config.loss, courses)

    def plan(self, courses: int) -> MamlPlan:
        """How a network is trained over so many courses."""
        config = self.config
        return MamlPlan(
            *(config.embedding_size, config.most_known, config.steps, config.step_size),
            *(config.rivals, config.first_order, config.dropout),
            *(self._loss(courses), config.negatives, config),
        )

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        config, features = self.config, features_of(dataset, "user")
        self._names, self._edges = features.names, features.edges
        self._numbers = numbers_of_courses(dataset, min_viewers=1)
        courses, size = int(self._numbers.max(initial=0)), config.embedding_size
        self._network, self._measures = b"", dict[str, float]()
        # Zeros stand for what nothing was learned of.
        self._states = np.zeros((len(dataset.users), size), np.float32)
        self._features = np.zeros((len(self._names), size), np.float32)
        self._stages = np.zeros((config.most_known + 2, size), np.float32)
        self._ages = np.zeros((len(self._stages), config.most_known), np.float32)
        self._inputs = np.zeros((courses, size), np.float32)
        self._outputs = np.zeros((courses, size + len(self._stages)), np.float32)
        self._rates = np.zeros((config.steps, size), np.float32)
        if not courses:
            return
        sequences = sequences_of(dataset, self._numbers, ())
        fitted = fitted_maml(
            sequences, features.values, courses, self.plan(courses), run, handle=self.handle
        )
        self._features, self._stages, self._ages = fitted.features, fitted.stages, fitted.ages
        self._inputs, self._outputs, self._rates = fitted.inputs, fitted.outputs, fitted.rates
        self._network = fitted.graph
        self._measures = measures_of(fitted.epochs, fitted.ndcg)
        self._states = self._adapted(self._given(dataset))

    def _known(self, dataset: Dataset) -> tuple[sp.csr_matrix, NDArray[np.int32]]:
        """float32 [users, courses that were learned of]: how much each of the last known ones
        counts; and int32 [users], their stage."""
        sequences = sequences_of(dataset, self._numbers, ())
        everybody = np.arange(len(sequences.lengths), dtype=np.int32)
        tasks = Tasks(everybody, sequences.lengths)
        known = known_before(sequences, tasks, self.config.most_known)
        stages = stages_of(tasks.cuts, self.config.most_known)
        row, age = np.nonzero(known)
        entries = self._ages[stages[row], age], (row, known[row, age] - 1)
        return sp.csr_matrix(entries, shape=(len(everybody), len(self._inputs))), stages

    def _given(self, dataset: Dataset) -> Given:
        known, stages = self._known(dataset)
        features = features_as(dataset, "user", self._names, self._edges)
        begun = np.asarray(features @ self._features + self._stages[stages], np.float32)
        amounts = np.asarray(known.sum(axis=1), np.float32).reshape(-1, 1)
        return Given(begun, np.asarray(known @ self._inputs, np.float32), amounts)

    def _adapted(self, given: Given) -> NDArray[np.float32]:
        """float32 [rows, size]"""
        return asked_in_blocks(self._ask, given._asdict(), given.begun.shape[1])

    @cached_property
    def _ask(self) -> Ask:
        return opened(self._network)

    def _prepare(self) -> None:
        self._views, self._at_stage = self._known(self.dataset)
        named = features_as(self.dataset, "user", self._names, self._edges)
        is_described = np.diff(named.indptr) > 0
        self._knows_user: NDArray[np.bool_] = is_described | (np.diff(self._views.indptr) > 0)
        self._knows_user &= bool(self._network)
        listed = np.flatnonzero(self._numbers).astype(np.int32)
        order = self._search.order("course")
        self._candidates = DenseCandidates(self._outputs, order, listed)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        before = [carried.by_user(of, np.nan) for of in self._given(self.dataset)]
        states = carried.by_user(self._states, 0)
        self._numbers = carried.by_course(self._numbers, 0)
        now = self._given(dataset)
        apart = [(old != new).any(axis=1) for old, new in zip(before, now, strict=True)]
        changed = np.flatnonzero(np.any(apart, axis=0))
        if self._network and len(changed):
            states[changed] = self._adapted(Given(*(of[changed] for of in now)))
        self._states = states

    def _knows(self) -> NDArray[np.bool_]:
        return self._knows_user

    def _queries(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        at_stage = np.eye(len(self._stages), dtype=np.float32)[self._at_stage[users]]
        return np.hstack([self._states[users], at_stage])

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._queries(users)
        return self._search.nearest("recommendations", users, queries, self._candidates, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        numbers = self._numbers[courses]
        outputs = after_nothing(self._outputs)[numbers]
        scores = np.einsum("us,uns->un", self._queries(users), outputs)
        return np.where(numbers > 0, scores, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        known = self._views[subjects]
        courses = np.flatnonzero(self._numbers)
        shape = len(subjects), len(self._numbers)
        views = sp.csr_matrix((known.data, courses[known.indices], known.indptr), shape=shape)
        vectors = self._inputs * self._rates.sum(axis=0), self._outputs[:, : -len(self._stages)]
        said, of_listed = (after_nothing(of)[self._numbers] for of in vectors)
        return alike_courses(views, said, listed, of_listed)
