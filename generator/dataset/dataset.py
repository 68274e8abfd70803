"""What models learn from: vocabularies and sparse matrices on row numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.vocabulary import Vocabulary

Input = Literal["interests", "views", "levels", "course_tags"]


@dataclass(frozen=True)
class Dataset:
    """Validated tables as matrices; every matrix is CSR with sorted indices and no duplicates.

    A user or course may have an empty row in any of them: being in one table and not in another
    is the normal case.
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

    @property
    def inputs(self) -> dict[Input, sp.csr_matrix]:
        return {
            "interests": self.interests,
            "views": self.view_seconds,
            "levels": self.viewed_levels,
            "course_tags": self.course_tags,
        }

    course_titles: Mapping[int, str] = field(default_factory=dict)
    """Course index -> title, for people to read."""

    @cached_property
    def available(self) -> frozenset[Input]:
        """The inputs that hold anything at all."""
        return frozenset(name for name, matrix in self.inputs.items() if matrix.nnz)

    @cached_property
    def seen(self) -> sp.csr_matrix:
        """bool [users, courses]: True where the user has viewed the course, for any time."""
        views = self.view_seconds
        return sp.csr_matrix(
            (np.ones(views.nnz, dtype=bool), views.indices, views.indptr), shape=views.shape
        )

    @cached_property
    def viewers(self) -> NDArray[np.int64]:
        """int64 [courses]: how many users have viewed each course."""
        return np.bincount(self.view_seconds.indices, minlength=len(self.courses))
