"""Users as tasks: what they took up first is known, and what comes next is to be foretold.

stage 2    known 5 2 |          next 9 7 4 ...
later      ... | known 7 4 1 |  next 3 8 ...    somewhere, the last `most_known` being known
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.bag_batches import COURSES, ROWS
from generator.networks.feature_lists import FeatureLists
from generator.networks.sequences import Sequences, Windows

KNOWN, STAGES, FEATURES, VALUES = "known", "stages", "features", "values"
NEXT = 10
"""Courses after the known ones that are to be foretold, where there are so many."""
TASKS_PER_USER = 4
STEPS_OF_LITTLE, LEAST_ROWS, MOST_ROWS = 64, 16, 128


@dataclass(frozen=True)
class Tasks:
    """Users with so many known courses each."""

    users: NDArray[np.int32]
    cuts: NDArray[np.int64]
    """int64: how many of their courses come before."""

    def __len__(self) -> int:
        return len(self.users)

    def __getitem__(self, chosen: Any) -> "Tasks":
        return Tasks(self.users[chosen], self.cuts[chosen])


def stages_of(cuts: NDArray[np.integer], most_known: int) -> NDArray[np.int32]:
    """int32: how many are known; one more than `most_known` stands for all that is later."""
    stages: NDArray[np.int32] = np.minimum(cuts, most_known + 1).astype(np.int32)
    return stages


def known_before(sequences: Sequences, tasks: Tasks, most_known: int) -> NDArray[np.int32]:
    """int32 [tasks, most_known]: courses from 1 on, the latest one first, 0 for none."""
    back = 1 + np.arange(most_known)
    places = (sequences.offsets[tasks.users] + tasks.cuts)[:, None] - back
    inside = back <= tasks.cuts[:, None]
    courses = np.append(sequences.steps[COURSES], 0)
    return np.where(inside, courses[np.where(inside, places, -1)], 0).astype(np.int32)


def next_after(sequences: Sequences, tasks: Tasks) -> NDArray[np.int32]:
    """int32 [tasks, NEXT]: courses from 1 on, then zeros."""
    starts = sequences.offsets[tasks.users] + tasks.cuts
    stops = np.minimum(starts + NEXT, sequences.offsets[tasks.users + 1])
    return sequences.read(Windows(starts, stops), NEXT)[COURSES]


class TaskBatches:
    """So many tasks of each user, at stages by lot; which ones depends on seed and epoch alone.

    A batch is filled up with nothing to as many tasks as all have.
    """

    def __init__(
        self,
        sequences: Sequences,
        users: NDArray[np.int32],
        features: FeatureLists,
        most_known: int,
        seed: int,
    ) -> None:
        """users: int32: who is learned from. features: of all users."""
        self._sequences, self._seed, self._most_known = sequences, seed, most_known
        self._users = np.repeat(users[sequences.lengths[users] > 0], TASKS_PER_USER)
        self._features = features
        rows = len(self._users) // STEPS_OF_LITTLE
        self._rows = int(np.clip(rows, LEAST_ROWS, MOST_ROWS))

    def __len__(self) -> int:
        return -(-len(self._users) // self._rows)

    def of_epoch(self, epoch: int) -> Iterator[tuple[dict[str, Any], NDArray[np.float32]]]:
        random = np.random.default_rng((self._seed, epoch))
        tasks = self._drawn(random)[random.permutation(len(self._users))]
        for start in range(0, len(tasks), self._rows):
            yield self._batch(tasks[start : start + self._rows])

    def _drawn(self, random: np.random.Generator) -> Tasks:
        """Each stage that a user has reached is as likely; later than all, each place is."""
        lengths = self._sequences.lengths[self._users]
        first, place = random.random((2, len(self._users)))
        cuts = (first * np.minimum(lengths, self._most_known + 2)).astype(np.int64)
        later = cuts > self._most_known
        cuts[later] += (place * (lengths - cuts))[later].astype(np.int64)
        return Tasks(self._users, cuts)

    def _batch(self, tasks: Tasks) -> tuple[dict[str, Any], NDArray[np.float32]]:
        known = np.zeros((self._rows, self._most_known), np.int32)
        wanted = np.zeros((self._rows, NEXT), np.int32)
        stages, people = np.zeros((2, self._rows), np.int32)
        here = slice(0, len(tasks))
        known[here] = known_before(self._sequences, tasks, self._most_known)
        wanted[here] = next_after(self._sequences, tasks)
        stages[here] = stages_of(tasks.cuts, self._most_known)
        people[here] = 1 + tasks.users
        inputs = {
            **given_of(self._features, people, known, stages),
            COURSES: wanted.ravel(),
            ROWS: np.repeat(np.arange(self._rows, dtype=np.int32), NEXT),
        }
        return inputs, (wanted.ravel() > 0).astype(np.float32)


def given_of(
    features: FeatureLists,
    people: NDArray[np.integer],
    known: NDArray[np.int32],
    stages: NDArray[np.int32],
) -> dict[str, NDArray[Any]]:
    """What a network is given of each task; people: users from 1 on, 0 for nobody."""
    numbers, values = features.numbers[people], features.values[people]
    return {KNOWN: known, STAGES: stages, FEATURES: numbers, VALUES: values}
