"""Users who take courses of the same levels are alike; what such users watched suits them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model, RunOptions, Task
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, themselves, top_n_of_neighbours
from generator.networks.level_examples import LevelExamples, tag_lists
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import strongest_voters
from shared.records import ReasonKind

if TYPE_CHECKING:
    from generator.networks.level_network import LevelNetwork

HELD_OUT_SHARES = 0.1, 0.1
"""Of the courses: to stop training by, and to measure by."""
MIN_COURSES_TO_HOLD_OUT = 30
EPOCHS_WITHOUT_HELD_OUT = 10
MAX_REHEARSED_VIEWS = 400_000
TINY = 1e-9
COPIES_OF_EMBEDDINGS = 8


@dataclass(frozen=True)
class DnnConfig:
    embedding_size: int = field(default=64, metadata={"help": "Numbers that describe a user."})
    reg: float = field(
        default=2.0,
        metadata={
            "help": "Pull of a user towards the average one: raise it where views are few.",
            "search": (0.2, 20.0),
        },
    )
    learning_rate: float = field(default=0.05, metadata={"help": "Step of the optimizer."})
    epochs: int = field(
        default=40,
        metadata={"help": "Passes over the views at most; courses held out say when to stop."},
    )
    tag_dropout: float = field(
        default=0.3, metadata={"help": "Share of a course's tags hidden in each training step."}
    )
    min_courses_per_tag: int = field(
        default=5, metadata={"help": "A tag that fewer courses carry is left out."}
    )
    k: int = field(
        default=100,
        metadata={"help": "Neighbours whose courses are recommended.", "search": (20, 500)},
    )

    def __post_init__(self) -> None:
        for name, low, high in (
            ("embedding_size", 1, 1024),
            ("epochs", 1, 1000),
            ("min_courses_per_tag", 1, 1_000_000),
            ("k", 1, 10_000),
            ("reg", 0, 1000),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must be from {low} to {high}. Received: {value!r}")
        if not 0 < self.learning_rate <= 1:
            raise ValueError(
                f"learning_rate must be above 0 and at most 1. Received: {self.learning_rate!r}"
            )
        if not 0 <= self.tag_dropout < 1:
            raise ValueError(
                f"tag_dropout must be at least 0 and below 1. Received: {self.tag_dropout!r}"
            )


class DnnUserCourseLevel(Model):
    """User embedding of a Keras network that predicts the level of a viewed course.

    The network sees a user and the course's tags, never the course: in most data a course has one
    level, and whoever sees the course needs no user to know it. Two heads predict the level, one
    from the user alone (`generator.networks.level_network` has the equations), so that the
    embedding must carry it. One course in ten is held out to say when to stop, another to measure
    by, both with users of 400,000 views at most, which are enough to tell; then the network is
    trained on all users and courses for as many epochs as did best.

    Similarity is the cosine of the embeddings' distances from their mean, each with one number
    more, their root mean square length: near the mean a direction alone says nothing. A course's
    score is the sum of similarity x ln(1 + minutes viewed) over the `k` nearest neighbours: the
    network's own probabilities recommended less well (docs/decisions.md).

    Assumes that people keep to a level, at least within a topic; the measures say how far that
    holds. Knows users who viewed a course that has a level. Score of a user: -1 to 1. Cost: about
    10 microseconds a view and epoch, on one thread whatever `threads` says, since more would change
    the lists; in memory 8 * size bytes a user, and 1 GB for TensorFlow.
    """

    handle = "dnn_collab_filtering_user_course_level"
    title = "Shared course levels (neural network)"
    needs: ClassVar[tuple[Input, ...]] = ("views", "levels")
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "neighbours",
    }
    Config = DnnConfig
    config: DnnConfig
    library_bytes = 700 * 2**20

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the users' embeddings of two networks, the best epoch's kept."""
        numbers = COPIES_OF_EMBEDDINGS * len(dataset.users) * self.config.embedding_size
        return super().memory_bytes(dataset) + 4 * numbers

    @classmethod
    def missing_inputs(cls, dataset: Dataset) -> list[Input]:
        """As in the base; and levels that are all the same are none."""
        missing = super().missing_inputs(dataset)
        if "levels" not in missing and len(np.unique(dataset.viewed_levels.data)) < 2:
            missing.append("levels")
        return missing

    @property
    def measures(self) -> Mapping[str, float]:
        """Of courses held out: accuracy and log loss, each beside that of knowing no user or tag.

        Empty where there are too few courses to hold any out.
        """
        return self._measures

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
        from generator.networks.level_network import LevelNetwork, LevelNetworkOptions

        build = partial(
            LevelNetwork,
            tags_of_course=tag_lists(dataset.course_tags, self.config.min_courses_per_tag),
            n_users=len(dataset.users),
            n_levels=len(dataset.levels),
            options=LevelNetworkOptions(
                embedding_size=self.config.embedding_size,
                reg=self.config.reg,
                learning_rate=self.config.learning_rate,
                tag_dropout=self.config.tag_dropout,
                seed=run.seed,
            ),
        )
        examples = LevelExamples.of(dataset.viewed_levels)
        epochs = self._rehearse(build, examples, run)
        network = build(examples)
        network.fit(
            epochs,
            lambda done: run.progress(self.config.epochs + done, self.config.epochs + epochs),
        )
        self._users = np.unique(examples.users)
        self._directions = DenseCandidates(
            _directions(network.user_vectors[self._users]), self._users
        )
        minutes = (dataset.view_seconds / 60).log1p().astype(np.float32)
        self._minutes = minutes
        self._watched = SparseCandidates(minutes.T.tocsr())
        self._last_neighbours = LastNeighbours(self.config.k)

    def _rehearse(
        self, build: Callable[..., "LevelNetwork"], examples: LevelExamples, run: RunOptions
    ) -> int:
        """Train some users without some courses; the epochs that did best, and the measures."""
        self._measures: dict[str, float] = {}
        if len(np.unique(examples.courses)) < MIN_COURSES_TO_HOLD_OUT:
            return min(self.config.epochs, EPOCHS_WITHOUT_HELD_OUT)
        random = np.random.default_rng(run.seed)
        some = examples.of_some_users(MAX_REHEARSED_VIEWS, random)
        training, stopping, measuring = some.split_by_course(HELD_OUT_SHARES, random)
        network = build(training)
        epochs = network.fit(
            self.config.epochs, lambda done: run.progress(done, 2 * self.config.epochs), stopping
        )
        self._measures = _measures(network.predict(measuring), training.levels, measuring.levels)
        return epochs

    def _knows(self) -> NDArray[np.bool_]:
        knows = np.zeros(len(self.dataset.users), bool)
        knows[self._users] = True
        return knows

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_dense(
            self._directions.of(users),
            self._directions,
            n,
            exclude=themselves(users, len(self.dataset.users)),
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_of_neighbours(
            self._similar_users(users, self.config.k),
            self._watched,
            n,
            seen=self.dataset.seen[users],
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        return shared_features(self._minutes[users], self._minutes, listed)

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        return strongest_voters(self._similar_users(users, self.config.k), self._minutes, listed)


def _directions(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [users, size + 1]: vectors of length 1, the last number the same before scaling."""
    apart = embeddings - embeddings.mean(axis=0)
    height = np.sqrt(np.square(apart).sum(axis=1).mean())
    vectors = np.column_stack([apart, np.full(len(apart), height, np.float32)])
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / lengths).astype(np.float32)


def _measures(
    predicted: NDArray[np.float32], known: NDArray[np.int32], held_out: NDArray[np.int32]
) -> dict[str, float]:
    """predicted: [held out, levels], compared with the shares of the levels among `known`."""
    prior = (1 + np.bincount(known, minlength=predicted.shape[1])) / (
        len(known) + predicted.shape[1]
    )
    of_the_level = predicted[np.arange(len(held_out)), held_out]
    return {
        "held_out_accuracy": float((predicted.argmax(axis=1) == held_out).mean()),
        "majority_accuracy": float((prior.argmax() == held_out).mean()),
        "held_out_log_loss": float(-np.log(np.maximum(of_the_level, TINY)).mean()),
        "prior_log_loss": float(-np.log(prior[held_out]).mean()),
    }
