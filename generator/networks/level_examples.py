"""What the level network learns from: who viewed which course, its level, and courses' tags."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

NO_TAG = 0
MAX_TAGS = 8


@dataclass(frozen=True)
class LevelExamples:
    """One row a viewed pair of user and course; int32 each."""

    users: NDArray[np.int32]
    courses: NDArray[np.int32]
    levels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def of(cls, viewed_levels: sp.csr_matrix) -> "LevelExamples":
        """viewed_levels: [users, courses], 1 + level of each viewed course."""
        views = viewed_levels.tocoo()
        return cls(*(part.astype(np.int32) for part in (views.row, views.col, views.data - 1)))

    def split_by_course(
        self, shares: Sequence[float], random: np.random.Generator
    ) -> list["LevelExamples"]:
        """The examples of the rest of the courses, then those of each share of the courses.

        Whole courses move, so that what was learned of one cannot answer for it elsewhere.
        """
        shuffled = random.permutation(np.unique(self.courses))
        stops = np.cumsum([int(len(shuffled) * share) for share in shares])
        *parts, rest = np.split(shuffled, stops)
        return [self._of_courses(part) for part in (rest, *parts)]

    def of_some_users(self, at_most: int, random: np.random.Generator) -> "LevelExamples":
        """All examples of as many random users as have `at_most` examples together."""
        if len(self) <= at_most:
            return self
        views = np.bincount(self.users)
        shuffled = random.permutation(len(views))
        chosen = shuffled[np.cumsum(views[shuffled]) <= at_most]
        return self._where(np.isin(self.users, chosen))

    def _of_courses(self, courses: NDArray[np.int32]) -> "LevelExamples":
        return self._where(np.isin(self.courses, courses))

    def _where(self, chosen: NDArray[np.bool_]) -> "LevelExamples":
        return LevelExamples(self.users[chosen], self.courses[chosen], self.levels[chosen])


def tag_lists(course_tags: sp.csr_matrix, min_courses: int) -> NDArray[np.int32]:
    """int32 [courses, at most MAX_TAGS]: each course's tags, numbered from 1; 0 is no tag.

    A tag that fewer than `min_courses` courses carry would name the course rather than describe
    it, and is left out. Of too many tags the rarest are kept, which say most.
    """
    carriers = np.bincount(course_tags.indices, minlength=course_tags.shape[1])
    kept = np.flatnonzero(carriers >= min_courses)
    by_rarity = kept[np.argsort(carriers[kept], kind="stable")]
    tags = course_tags[:, by_rarity].tocsr()
    tags.sort_indices()
    course = np.repeat(np.arange(tags.shape[0]), np.diff(tags.indptr))
    place = np.arange(tags.nnz) - tags.indptr[course]
    fits = place < MAX_TAGS
    width = 1 + int(place[fits].max(initial=0))
    lists = np.full((tags.shape[0], width), NO_TAG, np.int32)
    lists[course[fits], place[fits]] = 1 + tags.indices[fits]
    return lists
