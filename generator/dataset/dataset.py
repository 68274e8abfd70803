"""What models learn from, on row numbers: matrices, and what is ordered or written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute, csr_bytes
from generator.dataset.interactions import Interactions
from generator.dataset.rating_scale import RatingScale
from generator.dataset.texts import CourseTexts, Reviews
from generator.dataset.vocabulary import Vocabulary
from shared.kinds import Entity

Input = Literal[
    "interests",
    "views",
    "levels",
    "course_tags",
    "interactions",
    "texts",
    "images",
    "course_attributes",
    "user_attributes",
    "assessments",
    "completions",
    "reviews",
    "ratings",
    "prerequisites",
]
"""What a model may need. Each is an attribute of the dataset with data of its own, except that
`views` are `view_seconds`, `levels` are `viewed_levels` and `images` are `image_paths`."""


@dataclass(frozen=True)
class Dataset:
    """Validated tables on row numbers; every matrix is CSR with sorted indices and no duplicates.

    A user or course may have an empty row in any of them, or in all: being in one table and not
    in another is the normal case.
    """

    users: Vocabulary
    courses: Vocabulary
    tags: Vocabulary
    levels: Vocabulary

    interests: sp.csr_matrix
    """float32 [users, tags]: 1 where the user follows the tag."""

    course_tags: sp.csr_matrix
    """float32 [courses, tags]: 1 where the course carries the tag."""

    view_seconds: sp.csr_matrix
    """float32 [users, courses]: view time in seconds, summed over a pair's views. An entry of 0
    is a course that was opened and left: seen, but no evidence of taste."""

    viewed_levels: sp.csr_matrix
    """int8 [users, courses]: 1 + level index of a viewed course; none where the level is empty."""

    interactions: Interactions
    """The same views one by one, in the order in which each user did them."""

    assessments: sp.csr_matrix
    """float32 [users, tags]: the score of the user's last assessment in the tag; 0 is a score."""

    assessment_times: NDArray[np.int64]
    """int64: when that was, for each entry of `assessments`: microseconds since 1970 in UTC, or
    `UNDATED`."""

    completions: sp.csr_matrix
    """bool [users, courses]: True where the user has completed the course."""

    prerequisites: sp.csr_matrix
    """bool [courses, courses]: True where the row's course is to be taken after the column's was
    completed; none goes in circles."""

    ratings: sp.csr_matrix
    """float32 [users, courses]: the user's last rating of the course; 0 is a rating."""

    reviews: Reviews
    """The reviews one by one: ratings, texts, dates."""

    texts: CourseTexts
    """Title and description of every course."""

    image_paths: Sequence[str]
    """Where the picture of every course is, as the table says; "" where there is none."""

    available_until: NDArray[np.int64]
    """int64 [courses]: microseconds since 1970 in UTC, the last day on which the course is on
    offer; `UNDATED` where that is not said."""

    course_authors: NDArray[np.int32]
    """int32 [courses]: the same number for courses of one author, the last that the views name;
    -1 where they name none."""

    course_attributes: tuple[Attribute, ...]
    user_attributes: tuple[Attribute, ...]

    rating_scale: RatingScale = field(default_factory=RatingScale)
    """What `ratings` can be."""

    not_offered: NDArray[np.bool_] | None = None
    """bool [courses]: True where nobody is to be listed the course; None where all may be. Models
    learn from it all the same."""

    circular_prerequisites: int = 0
    """Pairs that are not in `prerequisites` because they go in circles."""

    view_times_are_measured: bool = True
    """False where `view_seconds` are weights: to learn from, and not to be shown as times."""

    def vocabulary(self, entity: Entity) -> Vocabulary:
        return self.users if entity == "user" else self.courses

    def entries(self, need: Input) -> int:
        """How much there is of an input, in what it is made of: entries, views, texts, labels."""
        match need:
            case "interactions" | "reviews" | "texts":
                return len(getattr(self, need))
            case "images":
                return sum(map(bool, self.image_paths))
            case "course_attributes" | "user_attributes":
                return sum(int(attribute.matrix.nnz) for attribute in getattr(self, need))
            case _:
                return int(self._matrix(need).nnz)

    def bytes(self, need: Input) -> int:
        """What an input takes in memory, in bytes."""
        match need:
            case "interactions" | "reviews" | "texts":
                return int(getattr(self, need).nbytes)
            case "assessments":
                return csr_bytes(self.assessments) + self.assessment_times.nbytes
            case "images":
                return sum(len(path.encode()) for path in self.image_paths)
            case "course_attributes" | "user_attributes":
                return sum(attribute.nbytes for attribute in getattr(self, need))
            case _:
                return csr_bytes(self._matrix(need))

    def _matrix(self, need: Input) -> sp.csr_matrix:
        return getattr(self, {"views": "view_seconds", "levels": "viewed_levels"}.get(need, need))

    @cached_property
    def available(self) -> frozenset[Input]:
        """The inputs that hold anything at all."""
        return frozenset(need for need in get_args(Input) if self.entries(need))

    @cached_property
    def seen(self) -> sp.csr_matrix:
        """bool [users, courses]: True where the user has viewed the course, for any time, or has
        completed or reviewed it. None of these is ever recommended."""
        views = self.view_seconds
        seen = sp.csr_matrix(
            (np.ones(views.nnz, dtype=bool), views.indices, views.indptr), shape=views.shape
        )
        if not self.completions.nnz and not len(self.reviews):
            return seen
        pairs = (np.ones(len(self.reviews), bool), (self.reviews.users, self.reviews.courses))
        reviewed = sp.csr_matrix(pairs, shape=views.shape)
        every = (seen + self.completions + reviewed).tocsr()
        every.sort_indices()
        return every

    @property
    def finished(self) -> sp.csr_matrix:
        """bool [users, courses]: True where the user has completed the course, or has seen it where
        the data says of nobody that they completed anything."""
        return self.completions if self.completions.nnz else self.seen

    def has_finished(
        self, users: NDArray[np.int32], courses: NDArray[np.int32]
    ) -> NDArray[np.bool_]:
        """bool, one for each pair of a user and a course: whether it is `finished`."""
        if not len(users):
            return np.zeros(0, bool)
        # SciPy wants arrays that it could write to.
        pairs = np.array(users), np.array(courses)
        return np.asarray(self.finished[pairs], bool).ravel()

    @property
    def viewers_by_level(self) -> NDArray[np.int64]:
        """int64 [courses, levels]: how many users have viewed the course at each level."""
        viewed = self.viewed_levels
        viewers = np.zeros((len(self.courses), len(self.levels)), np.int64)
        np.add.at(viewers, (viewed.indices, viewed.data.astype(np.int64) - 1), 1)
        return viewers

    @cached_property
    def viewers(self) -> NDArray[np.int64]:
        """int64 [courses]: how many users have viewed each course."""
        return np.bincount(self.view_seconds.indices, minlength=len(self.courses))
