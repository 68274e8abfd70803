"""What models of content share: a course is its vector, and a user the courses they viewed.

    text, picture -> vectors of courses -.-- product -> similar courses
    views, interests -> vectors of users -'- product -> recommendations

So they list what nobody has viewed yet, which models of views never do.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.content_profiles import Profiles
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.parts import parts_of
from generator.nearest.top_n import TopN, empty_top_n
from generator.nearest.vectors import (
    Vectors,
    candidates_of,
    entries_of_rows,
    filled_rows,
    row_products,
    with_rows,
)
from generator.reasons.alike import alike_courses
from generator.reasons.reasons import Reasons
from shared.kinds import KindName
from shared.records import ReasonKind

BYTES_PER_NUMBER = 32
"""Of a user's vector while it is made: it, its square and its parts, of which some are sparse."""


class ContentOptions(ModelOptions):
    half_life_days: float = Field(
        0,
        ge=0,
        le=36_500,
        description="A view counts half as much as one that came so many days later; 0 counts all "
        "alike, as views without a date always do.",
    )
    interests_weight: Annotated[float, Searched(0, 2)] = Field(
        0.5,
        ge=0,
        le=100,
        description="How much the words of a user's interests count, where their views count 1.",
    )


class ContentModel(Model):
    """A model whose courses have vectors that come from what they are, and not from who views them.

    A subclass gives `_vectors_of_courses`, and whatever it must learn before, in `_learn`; if it
    reads words, `_vectors_of_texts` too. Vectors are float32, dense or CSR, of length 1, or zero
    where nothing is known. Similar courses are those of the largest cosine. A user is the sum of
    the courses they viewed, by ``ln(1 + minutes)`` and by `half_life_days`, and of the words of
    the tags that they follow.
    """

    serves: ClassVar[tuple[KindName, ...]] = ("recommendations", "similar_courses")
    wants: ClassVar[tuple[Input, ...]] = ("views", "interactions", "interests")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    Options = ContentOptions
    config: ContentOptions
    learned: ClassVar[tuple[str, ...]] = ("_course_vectors",)
    """Of every model of content: float32 [courses, size]."""
    _course_vectors: Vectors

    def _learn(self, dataset: Dataset, run: RunOptions) -> None:
        """Set what else `learned` names, before any vector is asked for."""

    @abstractmethod
    def _vectors_of_courses(self, dataset: Dataset, courses: NDArray[np.int32]) -> Vectors:
        """float32 [courses, size], of length 1, for these row numbers of `dataset`."""

    def _vectors_of_texts(self, texts: Sequence[str]) -> Vectors | None:
        """float32 [texts, size], likewise, of texts that are no course's; None: it reads none."""
        return None

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._learn(dataset, run)
        every = np.arange(len(dataset.courses), dtype=np.int32)
        self._course_vectors = self._vectors_of_courses(dataset, every)

    def _prepare(self) -> None:
        interests = self._vectors_of_texts([str(tag) for tag in self.dataset.tags.handles()])
        self._profiles = Profiles(
            self.dataset,
            self._course_vectors,
            interests,
            self.config.half_life_days,
            self.config.interests_weight,
        )
        self._described = filled_rows(self._course_vectors)
        self._candidates = cache(
            lambda: candidates_of(self._course_vectors, self._search.order("course"))
        )

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        vectors: Any = self._course_vectors
        is_dense = isinstance(vectors, np.ndarray)
        vectors = carried.by_course(vectors, 0) if is_dense else carried.rows_of_courses(vectors)
        # New ones, and those that nothing was known of before they were described.
        unknown = ~filled_rows(vectors)
        if unknown[carried.courses].any():
            unknown[carried.courses] &= carried.described_anew
        if len(new := np.flatnonzero(unknown).astype(np.int32)):
            vectors = with_rows(vectors, new, self._vectors_of_courses(dataset, new))
        self._course_vectors = vectors

    def _take_in(self, few: FewUsers) -> None:
        self._profiles.take_in(few, self.config.half_life_days)

    def _knows(self) -> NDArray[np.bool_]:
        return self._profiles.known

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._described

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(users), n)
        numbers = self.run.memory_budget_bytes / BYTES_PER_NUMBER
        for rows in parts_of(self._profiles.costs(users), numbers):
            queries = self._profiles.of(users[rows])
            top.indices[rows], top.scores[rows] = self._search.nearest(
                "recommendations", users[rows], queries, self._candidates(), n
            )
        return top

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        queries = self._course_vectors[courses]
        return self._search.nearest("similar_courses", courses, queries, self._candidates(), n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = np.full(courses.shape, np.nan, np.float32)
        entries = entries_of_rows(self._course_vectors)[courses].sum(axis=1)
        costs = entries + courses.shape[1] * self._profiles.costs(users)
        for rows in parts_of(costs, self.run.memory_budget_bytes / BYTES_PER_NUMBER):
            profiles, asked = self._profiles.of(users[rows]), courses[rows]
            ours = profiles[np.repeat(np.arange(len(asked)), asked.shape[1])]
            theirs = self._course_vectors[asked.ravel()]
            scores[rows] = row_products(ours, theirs).reshape(asked.shape)
        return np.where(self._described[courses], scores, np.float32(np.nan))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        return alike_courses(self._profiles.views[subjects], self._course_vectors, listed)
