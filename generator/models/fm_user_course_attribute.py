"""What goes with what of all that is known of users and courses: a factorization machine."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.dataset.vocabulary import UNKNOWN
from generator.models.carried import Carried
from generator.models.fm_fitting import FmData, fitted_fm
from generator.models.islands import NOWHERE
from generator.models.network_training import TrainingOptions, chosen_loss, measures_of
from generator.models.options import Searched
from generator.models.pair_features import courses_before, features_as, features_of, last_courses
from generator.models.run_options import RunOptions
from generator.models.two_sides import TwoSides
from generator.networks.loss_names import LossName
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.kinds import Entity, KindName
from shared.records import ReasonKind

COPIES_OF_TABLE = 10
"""Weights, gradients, moments, the last and the best epoch's, what is kept and what is searched."""
BYTES_PER_FEATURE = 96
BYTES_OF_PROGRAMS = 110 * 2**20


class FmOptions(TrainingOptions):
    embedding_size: Annotated[int, Searched(8, 128)] = Field(
        32, ge=1, le=1024, description="Factors of each feature."
    )
    loss: Literal["auto", "softmax", "sampled_softmax", "bpr", "gbce"] = Field(
        "auto",
        description="What training makes small; auto is softmax up to 5,000 courses, beyond that "
        "sampled_softmax.",
    )
    negatives: int = Field(
        512, ge=1, le=100_000, description="Courses drawn in a step for a loss over some of them."
    )
    reg: Annotated[float, Searched(0.01, 30.0)] = Field(
        1.0, ge=0, le=1e6, description="Pull of each feature towards saying nothing."
    )
    learning_rate: Annotated[float, Searched(0.001, 0.03)] = Field(
        0.005, gt=0, le=1, description="Step of the optimizer, after a warm-up; falls as a cosine."
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)


class FmUserCourseAttribute(TwoSides):
    """Factorization machine of the second order (Rendle, ICDM 2010), by Keras.

    Features are who the user is, the labels and ranges of their attributes, the tags that they
    follow, and the course that they took up before (the context); which course it is, its tags, the
    levels that it is viewed at, its author, and its attributes. Any two of them say something
    together, by the product of their factors (`generator.networks.fm_network` has the equations);
    of several of one field each counts 1 over the root of how many. A softmax over courses makes
    the chance of each, every view counting as `generator.dataset.evidence` says.

    Assumes that what is known beside the views tells of what is taken up; then it lists for users
    of whom nothing but that is known, and courses that nobody has viewed. Score of a course: the
    product of the sums of both sides' factors, and the course's own part, which only orders; of a
    similar user or course: a cosine of sums. A user who is folded in is the sum of what is known of
    them, without what they alone are. Cost: views * (negatives or courses) * size multiplications
    an epoch, and as many for each feature of a course that is scored, on one thread (more would
    change the lists); in memory 40 * size bytes a feature, user and two a course, and 1 GB for
    TensorFlow.
    """

    handle = "fm_user_course_attribute"
    title = "Attributes, tags and who it is (factorization machine)"
    needs: ClassVar[tuple[Input, ...]] = ("views", "course_tags")
    wants: ClassVar[tuple[Input, ...]] = (
        *("interests", "levels", "user_attributes", "course_attributes"),
        *("interactions", "ratings"),
    )
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations", "course_users")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"similar_users": "shared_courses"}
    Options = FmOptions
    config: FmOptions
    learned = (
        *("_evidence", "_names", "_edges", "_named", "_user_ids", "_before", "_courses"),
        "_measures",
    )
    library, library_bytes = "tensorflow", 700 * 2**20

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, the table, the lists of features, and what one step scores."""
        features = len(dataset.users) + 3 * len(dataset.courses) + 2 * len(dataset.tags)
        table = 4 * COPIES_OF_TABLE * (self.config.embedding_size + 1) * features
        lists = BYTES_PER_FEATURE * (len(dataset.users) + len(dataset.courses))
        courses = len(dataset.courses)
        scored = courses if self._loss(courses) == "softmax" else self.config.negatives
        carried = dataset.course_tags.nnz / max(courses, 1) + 4
        terms = int(4 * 4 * scored * carried * (self.config.embedding_size + 1))
        return super().memory_bytes(dataset) + table + lists + terms + BYTES_OF_PROGRAMS

    @property
    def measures(self) -> Mapping[str, float]:
        """The epoch that was best, and its NDCG@10 on courses held out, where enough were."""
        return self._measures

    def _loss(self, courses: int) -> LossName:
        return chosen_loss(self.config.loss, courses)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._evidence = Evidence.of(dataset, self.config.reviews).learned
        amounts = Evidence(**self._evidence).weights(dataset)
        of_users, size = features_of(dataset, "user"), self.config.embedding_size
        self._names, self._edges = of_users.names, of_users.edges
        # Zeros stand for what nothing was learned of.
        self._named = np.zeros((len(of_users.names), size), np.float32)
        self._user_ids = np.zeros((len(dataset.users), size), np.float32)
        self._before = np.zeros((len(dataset.courses), size), np.float32)
        self._courses = np.zeros((len(dataset.courses), size + 1), np.float32)
        self._measures: dict[str, float] = {}
        if not amounts.nnz:
            return
        factors = fitted_fm(
            FmData(
                amounts,
                of_users.values,
                features_of(dataset, "course").values,
                courses_before(dataset),
            ),
            size,
            self._loss(len(dataset.courses)),
            self.config.negatives,
            self.config.reg,
            self.config,
            run,
            handle=self.handle,
        )
        self._user_ids, self._before = factors.users, factors.before
        self._named, self._courses = factors.named, factors.courses
        self._measures = measures_of(factors.epochs, factors.ndcg)

    def _prepare(self) -> None:
        self._views = Evidence(**self._evidence).weights(self.dataset)
        users, ones = self._states(), np.ones((len(self.dataset.users), 1), np.float32)
        vectors: dict[Entity, NDArray[np.float32]] = {
            "user": users,
            "course": self._courses[:, :-1],
        }
        factors: dict[Entity, NDArray[np.float32]] = {
            "user": np.hstack([users, ones]),
            "course": self._courses,
        }
        one_island: dict[Entity, NDArray[np.int32]] = {
            entity: np.where(of.any(axis=1), 0, NOWHERE).astype(np.int32)
            for entity, of in vectors.items()
        }
        self._place(one_island, vectors, factors)

    def _states(self) -> NDArray[np.float32]:
        """float32 [users, size]: the sums of what is known of each."""
        known = features_as(self.dataset, "user", self._names, self._edges)
        states = self._user_ids + known @ self._named
        last = last_courses(self.dataset)
        states[last != UNKNOWN] += self._before[last[last != UNKNOWN]]
        return np.asarray(states, np.float32)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._before = carried.by_course(self._before, 0)
        self._courses = carried.by_course(self._courses, 0)
        self._user_ids = carried.by_user(self._user_ids, 0)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        return shared_features(self._views[subjects], self._views, listed)
