"""What each user did, one thing after the other."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interactions:
    """Every view, ordered by user, then time, then row of the table.

    Views of one time thus stand as their file has them, and those without a date before all
    others. Nothing is added up: a course that was viewed twice is here twice. 17 bytes a view.
    """

    offsets: NDArray[np.int64]
    """int64 [users + 1]: the views of user u are those from offsets[u] up to offsets[u + 1]."""

    courses: NDArray[np.int32]
    """int32: row numbers of courses."""

    times: NDArray[np.int64]
    """int64: microseconds since 1970 in UTC; `UNDATED`, the smallest int64, without a date."""

    seconds: NDArray[np.float32]
    """float32: view time in seconds."""

    completed: NDArray[np.int8]
    """int8: 1 if the user completed this course, 0 if not, -1 if nothing says so."""

    def __len__(self) -> int:
        return len(self.courses)

    @property
    def nbytes(self) -> int:
        arrays = self.offsets, self.courses, self.times, self.seconds, self.completed
        return sum(array.nbytes for array in arrays)

    def of(self, user: int) -> slice:
        """Where this user's views are in the arrays."""
        return slice(int(self.offsets[user]), int(self.offsets[user + 1]))

    @cached_property
    def users(self) -> NDArray[np.int32]:
        """int32: the user of every view."""
        users = np.arange(len(self.offsets) - 1, dtype=np.int32)
        return np.repeat(users, np.diff(self.offsets))

    @cached_property
    def tied_share(self) -> float:
        """The share of views that have their time in common with another of the same user.

        Among these the file alone says what came first. It is near 1 where dates are days and
        users watch much on one, or where there are no dates.
        """
        if not len(self):
            return 0.0
        same = (self.users[1:] == self.users[:-1]) & (self.times[1:] == self.times[:-1])
        return float((np.append(same, False) | np.append(False, same)).mean())
