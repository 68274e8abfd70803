"""Users who take courses of the same levels are alike; what such users watched suits them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.dataset.view_weights import damped_minutes
from generator.dataset.vocabulary import UNKNOWN
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, scores_by_votes, top_n_of_neighbours
from generator.networks.level_examples import LevelExamples, tag_lists
from generator.networks.level_measures import measured
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.reasons.voters import strongest_voters
from shared.kinds import KindName
from shared.records import ReasonKind

if TYPE_CHECKING:
    from generator.networks.level_network import LevelNetwork

HELD_OUT_SHARES = 0.1, 0.1
"""Of the courses: to stop training by, and to measure by."""
MIN_COURSES_TO_HOLD_OUT = 30
EPOCHS_WITHOUT_HELD_OUT = 10
MAX_REHEARSED_VIEWS = 400_000
TINY = 1e-9
NO_HEIGHT = 1e-6
"""Users this near to the average were told apart by nothing but rounding."""
COPIES_OF_EMBEDDINGS = 8


class DnnOptions(ModelOptions):
    embedding_size: int = Field(64, ge=1, le=1024, description="Numbers that describe a user.")
    reg: Annotated[float, Searched(0.2, 20.0)] = Field(
        2.0,
        ge=0,
        le=1000,
        description="Pull of a user towards the average one: raise it where views are few.",
    )
    learning_rate: float = Field(0.05, gt=0, le=1, description="Step of the optimizer.")
    epochs: int = Field(
        40,
        ge=1,
        le=1000,
        description="Passes over the views at most; courses held out say when to stop.",
    )
    tag_dropout: float = Field(
        0.3, ge=0, lt=1, description="Share of a course's tags hidden in each training step."
    )
    min_courses_per_tag: int = Field(
        5, ge=1, le=1_000_000, description="A tag that fewer courses carry is left out."
    )
    k: Annotated[int, Searched(20, 500)] = Field(
        100, ge=1, le=10_000, description="Neighbours whose courses are recommended."
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
    more, their root mean square length: near the mean a direction alone says nothing. Who is not on
    the same side of it is not listed. A course's score is the sum of similarity x ln(1 + minutes
    viewed) over the `k` nearest neighbours: the network's own probabilities recommended less well
    (docs/decisions.md).

    Assumes that people keep to a level, at least within a topic; the measures say how far that
    holds. Knows users who spent time on a course that has a level; nobody, if levels of held-out
    courses are predicted as well for the average user (`generator.networks.level_measures`). A new
    user who is folded in gets the embedding that users with such levels have: x A / (views + reg),
    where x counts the views of each level beyond the user's number at average shares, and A is
    fitted by least squares on the users that were trained. Score of a user: 0 to 1. Cost: about
    10 microseconds a view and epoch, on one thread whatever `threads` says, since more would change
    the lists; in memory 8 * size bytes a user, and 1 GB for TensorFlow.
    """

    handle = "dnn_collab_filtering_user_course_level"
    title = "Shared course levels (neural network)"
    needs: ClassVar[tuple[Input, ...]] = ("views", "levels")
    wants: ClassVar[tuple[Input, ...]] = ("course_tags",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "neighbours",
    }
    Options = DnnOptions
    config: DnnOptions
    learned = ("_embeddings", "_trained", "_height", "_level_shares", "_by_level", "_measures")
    library, library_bytes = "tensorflow", 700 * 2**20

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
        """Of courses held out: accuracy and log loss, beside those of knowing no user, or no tag.

        Empty where there are too few courses to hold any out.
        """
        return self._measures

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._measures: dict[str, float] = {}
        examples = LevelExamples.of(_watched_levels(dataset))
        if not len(examples):
            self._learn_of(np.zeros((len(dataset.users), 1), np.float32), examples)
            return
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
        epochs = self._rehearse(build, examples, run)
        if not epochs:
            run.progress(2 * self.config.epochs, 2 * self.config.epochs)
            self._learn_of(np.zeros((len(dataset.users), 1), np.float32), examples)
            return
        network = build(examples)
        network.fit(
            epochs,
            lambda done: run.progress(self.config.epochs + done, self.config.epochs + epochs),
        )
        self._learn_of(network.user_vectors, examples)

    def _learn_of(self, vectors: NDArray[np.float32], examples: LevelExamples) -> None:
        """What of the network's user vectors, float32 [users, size], is kept."""
        n_levels = len(self.dataset.levels)
        self._trained = np.bincount(examples.users, minlength=len(vectors)) > 0
        self._embeddings = np.zeros_like(vectors)
        self._height = 0.0
        counts = np.bincount(examples.levels, minlength=n_levels)
        self._level_shares = counts / max(len(examples), 1)
        self._by_level = np.zeros((n_levels, vectors.shape[1]))
        if not len(examples):
            return
        apart = vectors[self._trained] - vectors[self._trained].mean(axis=0)
        self._embeddings[self._trained] = apart
        self._height = float(np.sqrt(np.square(apart).sum(axis=1).mean()))
        habits = self._habits(_watched_levels(self.dataset))[self._trained]
        self._by_level = np.linalg.lstsq(habits, apart.astype(np.float64))[0]

    def _habits(self, levels: sp.csr_matrix) -> NDArray[np.float64]:
        """float64 [rows, levels]: x / (views + reg) of the docstring."""
        row = np.repeat(np.arange(levels.shape[0]), np.diff(levels.indptr))
        counts = np.zeros((levels.shape[0], len(self._level_shares)))
        np.add.at(counts, (row, levels.data.astype(np.int64) - 1), 1)
        views = counts.sum(axis=1, keepdims=True)
        beyond = counts - views * self._level_shares
        habits: NDArray[np.float64] = beyond / np.maximum(views + self.config.reg, TINY)
        return habits

    def _prepare(self) -> None:
        self._place_users()
        self._minutes = damped_minutes(self.dataset.view_seconds)
        self._watched = SparseCandidates(self._minutes.T.tocsr(), self._search.order("course"))
        self._last_neighbours = LastNeighbours(self.config.k)

    def _place_users(self) -> None:
        self._users = np.flatnonzero(self._trained & (self._height > NO_HEIGHT)).astype(np.int32)
        directions = _directions(self._embeddings[self._users], self._height)
        self._directions = DenseCandidates(directions, self._search.order("user"), self._users)

    def _take_in(self, few: FewUsers) -> None:
        levels, placed = _watched_levels(few.dataset), self._trained[few.rows]
        if len(new := np.flatnonzero(~placed & (np.diff(levels.indptr) > 0))):
            self._embeddings[few.rows[new]] = self._habits(levels[new]) @ self._by_level
            self._trained[few.rows[new]] = True
            self._place_users()
        self._minutes = few.into(self._minutes, damped_minutes(few.dataset.view_seconds))
        self._last_neighbours = LastNeighbours(self.config.k)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._level_shares = carried.by_level(self._level_shares, 0)
        self._by_level = carried.by_level(self._by_level, 0)
        size = self._embeddings.shape[1]
        embeddings = np.zeros((len(dataset.users), size), np.float32)
        placed = np.zeros(len(dataset.users), bool)
        stays = self._trained & (carried.users != UNKNOWN)
        placed[carried.users[stays]] = True
        embeddings[carried.users[stays]] = self._embeddings[stays]
        levels = _watched_levels(dataset)
        new = np.flatnonzero(~placed & (np.diff(levels.indptr) > 0))
        embeddings[new] = self._habits(levels[new]) @ self._by_level
        placed[new] = True
        self._embeddings, self._trained = embeddings, placed

    def _rehearse(
        self, build: Callable[..., "LevelNetwork"], examples: LevelExamples, run: RunOptions
    ) -> int:
        """Train some users without some courses; sets the measures.

        Returns the number of epochs that did best; 0 if the users are not told apart.
        """
        if len(np.unique(examples.courses)) < MIN_COURSES_TO_HOLD_OUT:
            return min(self.config.epochs, EPOCHS_WITHOUT_HELD_OUT)
        random = np.random.default_rng(run.seed)
        some = examples.of_some_users(MAX_REHEARSED_VIEWS, random)
        training, stopping, measuring = some.split_by_course(HELD_OUT_SHARES, random)
        network = build(training)
        epochs = network.fit(
            self.config.epochs, lambda done: run.progress(done, 2 * self.config.epochs), stopping
        )
        measures = measured(
            network.predict(measuring),
            network.predict(measuring, of_average_user=True),
            training.levels,
            measuring.levels,
        )
        self._measures = measures.figures
        return epochs if measures.tell_users_apart else 0

    def _knows(self) -> NDArray[np.bool_]:
        knows = np.zeros(len(self.dataset.users), bool)
        knows[self._users] = True
        return knows

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._last_neighbours.of(users, n, self._ranked, self.run)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._directions.of(users)
        return self._search.nearest("similar_users", users, queries, self._directions, n)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_of_neighbours(
            self._similar_users(users, self.config.k),
            self._watched,
            n,
            salts=self._search.ties("recommendations", users).salts,
            seen=self._search.unlisted("recommendations", users),
            **self.run.limits,
        )

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        neighbours = self._similar_users(users, self.config.k)
        votes = scores_by_votes(neighbours, self._minutes, courses)
        watched = np.bincount(self._minutes.indices, minlength=len(self.dataset.courses)) > 0
        return np.where(watched[courses], votes, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        if kind == "similar_users":
            return shared_features(self._minutes[subjects], self._minutes, listed)
        neighbours = self._similar_users(subjects, self.config.k)
        return strongest_voters(neighbours, self._minutes, listed)


def _watched_levels(dataset: Dataset) -> sp.csr_matrix:
    """int8 [users, courses]: 1 + level of each course that the user spent time on."""
    watched = dataset.viewed_levels.multiply(dataset.view_seconds > 0).tocsr()
    return watched.astype(np.int8)


def _directions(apart: NDArray[np.float32], height: float) -> NDArray[np.float32]:
    """float32 [users, size + 1]: vectors of length 1, the last number the same before scaling."""
    vectors = np.column_stack([apart, np.full(len(apart), height, np.float32)])
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / lengths).astype(np.float32)
