"""What each user took up, one course after the other, as networks read it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COURSES = "courses"
EMBEDDED = "embedded"
"""What networks read beside numbers: the vector of each step's course."""
MASKED = -1
"""Stands at a step whose course is to be guessed, in training."""
PLACES = "places"
"""At which steps of a row something is foretold, where it is not at every one: int32."""


@dataclass(frozen=True)
class Sequences:
    """Sequences of all users, end to end.

    offsets   0     3  4
    courses   5 2 9 | 7 | ...      1 + row of the course in the network's table
    gaps      0 3 1 | 0 | ...      and whatever else is known of each step, as small numbers
    """

    offsets: NDArray[np.int64]
    """int64 [users + 1]: those of user u are from offsets[u] up to offsets[u + 1]."""
    steps: Mapping[str, NDArray[np.int32]]
    """What is known of each step: `courses`, from 1 on, and more; 0 stands for nothing."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 [users]"""
        return np.diff(self.offsets)

    def without_last(self, users: NDArray[np.int32]) -> "Sequences":
        """The same, where these users did not take up their last course."""
        kept = np.ones(len(self.steps[COURSES]), bool)
        kept[self.offsets[users + 1] - 1] = False
        lengths = self.lengths.copy()
        lengths[users] -= 1
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return Sequences(offsets, {name: of[kept] for name, of in self.steps.items()})

    def last_courses(self, users: NDArray[np.int32]) -> NDArray[np.int32]:
        """int32 [users]: of users who took up any."""
        last: NDArray[np.int32] = self.steps[COURSES][self.offsets[users + 1] - 1]
        return last

    def ends(self, users: NDArray[np.int32], length: int) -> "Windows":
        """The last `length` steps of each user."""
        stops = self.offsets[users + 1]
        return Windows(np.maximum(self.offsets[users], stops - length), stops)

    def read(self, windows: "Windows", length: int) -> dict[str, NDArray[np.int32]]:
        """int32 [windows, length] of each name: the steps of each window, then zeros."""
        place = windows.starts[:, None] + np.arange(length)
        inside = place < windows.stops[:, None]
        last = max(len(self.steps[COURSES]) - 1, 0)
        place = np.minimum(place, last)
        if not len(self.steps[COURSES]):
            return {name: np.zeros(place.shape, np.int32) for name in self.steps}
        return {name: np.where(inside, of[place], 0) for name, of in self.steps.items()}


@dataclass(frozen=True)
class Windows:
    """Parts of sequences, as places in their arrays."""

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.stops - self.starts

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, rows: NDArray[np.int64]) -> "Windows":
        return Windows(self.starts[rows], self.stops[rows])


def windows_to_learn_from(sequences: Sequences, length: int) -> Windows:
    """Parts of at most `length` steps and the one after, in which every step is foretold once.

    Of a user with more they are cut from the end, so that the latest part is a whole one.
    """
    foretold = np.maximum(sequences.lengths - 1, 0)
    parts = -(-foretold // length)
    user = np.repeat(np.arange(len(parts)), parts)
    from_end = np.arange(len(user)) - (np.cumsum(parts) - parts)[user]
    stops = sequences.offsets[user + 1] - 1 - length * from_end
    return Windows(np.maximum(sequences.offsets[user], stops - length), stops)
