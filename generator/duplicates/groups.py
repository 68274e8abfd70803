"""What was found: which courses are the same, and which of them stands for the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class CourseGroups:
    """Groups of courses that are the same; a course that is unique is in none.

        course        0  1  2  3  4  5
        stands_for    0  4  2  3  4  3      1 and 4 are the same, and 4 stands for both

    In a list `stands_for[course]` is put in a course's place, unless the user has seen it:
    `Dataset.seen` holds the course that stands for whatever somebody has seen.
    """

    stands_for: NDArray[np.int32]
    """int32 [courses]: row number of the course that stands for each, itself where it is unique."""

    similarity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """float32 [courses]: how alike it is to the one that stands for it, 0 to 1; 1 of itself."""

    why: Sequence[str] = ()
    """[courses]: in words why it is the same as that one; "" where it stands for itself."""

    @classmethod
    def none(cls, courses: int) -> Self:
        """Every course is unique."""
        return cls(np.arange(courses, dtype=np.int32), np.ones(courses, np.float32), [""] * courses)

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self.members)

    @cached_property
    def is_merged(self) -> NDArray[np.bool_]:
        """bool [courses]: another course stands for it."""
        return np.not_equal(self.stands_for, np.arange(len(self.stands_for)))

    @cached_property
    def members(self) -> dict[int, NDArray[np.int32]]:
        """Row number of each course that stands for others -> theirs and its own, ascending."""
        by_group = np.argsort(self.stands_for, kind="stable").astype(np.int32)
        standing, starts, sizes = np.unique(
            self.stands_for[by_group], return_index=True, return_counts=True
        )
        return {
            int(standing[place]): by_group[starts[place] : starts[place] + sizes[place]]
            for place in np.flatnonzero(sizes > 1)
        }

    def others(self, course: int) -> NDArray[np.int32]:
        """int32: the courses that are the same as this one, ascending; none of a unique one."""
        same = self.members.get(int(self.stands_for[course]), np.zeros(0, np.int32))
        others: NDArray[np.int32] = same[same != course]
        return others
