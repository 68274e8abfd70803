"""Courses that learners take up near each other are alike, as words of one context are."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.take_ups import TakeUps, take_ups
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, IslandCandidates, Islands, shared_take_ups
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.models.skip_grams import Sequences, Training, skip_grams
from generator.nearest.top_n import TopN
from generator.nearest.vectors import filled_rows, unit_rows
from generator.reasons.alike import alike_courses
from generator.reasons.reasons import Reasons
from shared.kinds import KINDS, Entity, KindName
from shared.records import ReasonKind

TAKE_UPS_READ = 3_000_000
FEWEST_EPOCHS, MOST_EPOCHS = 10, 50
COPIES_OF_COURSES, COPIES_OF_USERS = 10, 4
"""Of vectors: as they are trained, of length 1, and laid out for both searches."""
BYTES_PER_WORD = 600
"""Of gensim's vocabulary."""


class Item2VecOptions(ModelOptions):
    embedding_size: Annotated[int, Searched(16, 256)] = Field(
        64, ge=1, le=4096, description="Numbers that describe a course."
    )
    window: Annotated[int, Searched(2, 10)] = Field(
        5, ge=1, le=1000, description="So many courses before and after still are near a course."
    )
    negatives: Annotated[int, Searched(3, 20)] = Field(
        5, ge=1, le=100, description="Courses by lot that stand against one that was near."
    )
    ns_exponent: Annotated[float, Searched(-0.5, 1.0)] = Field(
        0.0,
        ge=-2,
        le=2,
        description="By lot means by how often a course is taken up to this power: 0 takes all "
        "alike, 1 as often as people do, below 0 rare ones more often.",
    )
    subsample: Annotated[float, Searched(0.0, 20.0)] = Field(
        3.0,
        ge=0,
        le=1e6,
        description="Courses that are taken up more often than so many times the average are "
        "passed over now and then while learning; 0 passes over none.",
    )
    epochs: int = Field(
        0,
        ge=0,
        le=1000,
        description="Passes over all sequences; 0 takes as many as make three million take-ups, "
        "from 10 to 50.",
    )
    learning_rate: Annotated[float, Searched(0.01, 0.1)] = Field(
        0.05, gt=0, le=1, description="Step of the first pass; it falls in a straight line."
    )
    min_views: int = Field(
        1, ge=1, le=10**9, description="Courses with fewer viewers get no vector and no list."
    )
    last: Annotated[int, Searched(2, 30)] = Field(
        5, ge=1, le=10_000, description="So many of a user's latest courses say what comes next."
    )
    last_decay: Annotated[float, Searched(0.3, 1.0)] = Field(
        0.5, gt=0, le=1, description="What a course says, of what the one after it does."
    )
    profile_decay: Annotated[float, Searched(0.5, 1.0)] = Field(
        0.9, gt=0, le=1, description="The same where users are compared, by all they took up."
    )


class Item2VecCourseSequence(Model):
    """Skip-gram with negative sampling over what each user took up, in order, as a sentence.

    Item2vec (Barkan & Koenigstein, MLSP 2016), by gensim. Training gives every course an input
    vector x, which says what is near it, and an output vector y, which says what it is near: ``x_i'
    y_j`` rises with how much likelier j is near i than among courses by lot. These are drawn alike
    (`ns_exponent` 0), where words want .75: what suits recommending is another matter
    (Caselles-Dupre, Lesaint & Royo-Letelier, RecSys 2018). Two courses are as similar as the cosine
    of ``u = x + y``, which counts what they are near, and that they are near (Levy, Goldberg &
    Dagan, TACL 2015, 3.3). A user's score of j is the mean of ``cos(u_i, y_j)`` over their `last`
    courses i, weighted by ``last_decay ** a``, a being how many they took up since. Two users are
    as similar as the cosine of their sums of ``profile_decay ** a * u / |u|`` over all they took
    up.

    Assumes that what is taken up near each other is alike. A window has no direction: for what
    comes next, see `markov_course_sequence`. Says nothing across islands of views
    (`generator.models.islands`): knows courses next to which somebody took up another, and users
    who took up one of them. Score: a cosine, 0 to 1. Reasons are the last courses, by what each
    adds to the score. A user who is folded in gets the mean of the courses that were learned. Cost:
    epochs * take-ups * window * (negatives + 1) * size multiplications on one thread, a million
    take-ups in a few seconds; 4 * size bytes a user and course, a few times.
    """

    handle = "item2vec_course_sequence"
    title = "Taken up near each other (item2vec)"
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations", "similar_courses")
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    Options = Item2VecOptions
    config: Item2VecOptions
    learned = ("_directions", "_outputs")

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the vectors."""
        users, courses = len(dataset.users), len(dataset.courses)
        rows = COPIES_OF_COURSES * courses + COPIES_OF_USERS * users
        vectors = 4 * self.config.embedding_size * rows
        return super().memory_bytes(dataset) + vectors + BYTES_PER_WORD * courses

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        config, shape = self.config, (len(dataset.users), len(dataset.courses))
        taken = take_ups(dataset.interactions, shape[1])
        viewers = np.bincount(taken.courses, minlength=shape[1])
        taken = shared_take_ups(taken.of_courses(viewers >= config.min_views), shape)
        epochs = config.epochs or int(
            np.clip(TAKE_UPS_READ // max(len(taken.users), 1), FEWEST_EPOCHS, MOST_EPOCHS)
        )
        training = Training(
            config.embedding_size,
            config.window,
            config.negatives,
            config.ns_exponent,
            config.subsample,
            epochs,
            config.learning_rate,
        )
        inputs, outputs = skip_grams(Sequences(taken), shape[1], training, run)
        self._directions = unit_rows(inputs + outputs)
        self._outputs = unit_rows(outputs)

    def _prepare(self) -> None:
        shape = len(self.dataset.users), len(self.dataset.courses)
        learned = filled_rows(self._directions) & filled_rows(self._outputs)
        taken = take_ups(self.dataset.interactions, shape[1]).of_courses(learned)
        islands = Islands(taken.matrix(shape))
        self._islands: dict[Entity, NDArray[np.int32]] = {
            "user": islands.of_user,
            "course": islands.of_course,
        }
        self._last_courses = _means(taken, shape, self.config.last, self.config.last_decay)
        every_course = _means(taken, shape, len(taken.users), self.config.profile_decay)
        self._profiles = cache(lambda: unit_rows(every_course @ self._directions))
        self._likely = cache(lambda: self._candidates("course", self._outputs))
        self._alike_courses = cache(lambda: self._candidates("course", self._directions))
        self._alike_users = cache(lambda: self._candidates("user", self._profiles()))

    def _candidates(self, entity: Entity, vectors: NDArray[np.float32]) -> IslandCandidates:
        islands = self._islands[entity]
        rows = np.flatnonzero(islands != NOWHERE).astype(np.int32)
        return IslandCandidates(vectors[rows], rows, islands[rows], self._search.order(entity))

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._directions = carried.by_course(self._directions, 0)
        self._outputs = carried.by_course(self._outputs, 0)

    def _knows(self) -> NDArray[np.bool_]:
        return np.not_equal(self._islands["user"], NOWHERE)

    def _knows_courses(self) -> NDArray[np.bool_]:
        return np.not_equal(self._islands["course"], NOWHERE)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._last_courses[users] @ self._directions
        return self._nearest("recommendations", users, queries, self._likely(), n)

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self._profiles()[users]
        return self._nearest("similar_users", users, queries, self._alike_users(), n)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        queries = self._directions[courses]
        return self._nearest("similar_courses", courses, queries, self._alike_courses(), n)

    def _nearest(
        self,
        kind: KindName,
        subjects: NDArray[np.int32],
        queries: NDArray[np.float32],
        candidates: IslandCandidates,
        n: int,
    ) -> TopN:
        islands = self._islands[KINDS[kind].subject][subjects]
        return self._search.nearest_on_islands(kind, subjects, queries, islands, candidates, n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        queries = self._last_courses[users] @ self._directions
        scores = np.einsum("us,uns->un", queries, self._outputs[courses])
        known = self._islands["course"][courses] == self._islands["user"][users][:, None]
        return np.where(known, scores, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        own = self._last_courses[subjects]
        return alike_courses(own, self._directions, listed, self._outputs)


def _means(taken: TakeUps, shape: tuple[int, int], last: int, decay: float) -> sp.csr_matrix:
    """float32 [users, courses]: weights of each user's `last` courses, which add up to 1."""
    latest = taken.ages < last
    users, courses = taken.users[latest], taken.courses[latest]
    weights = decay ** taken.ages[latest].astype(np.float64)
    weights /= np.bincount(users, weights, minlength=shape[0])[users]
    return sp.csr_matrix((weights.astype(np.float32), (users, courses)), shape=shape)
