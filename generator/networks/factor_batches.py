"""Pairs of a user and a course in batches, as networks of factors learn from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.sequence_batches import tokens_of_a_step

STEPS_OF_LITTLE, LEAST_ROWS = 128, 32
"""Of little data an epoch has as many steps all the same, or it would move nothing."""


@dataclass(frozen=True)
class Pairs:
    """One entry a pair in each."""

    users: NDArray[np.int32]
    courses: NDArray[np.int32]
    """Both from 0 on."""
    amounts: NDArray[np.float32]
    """How much each counts, or what its score is to be."""

    def __len__(self) -> int:
        return len(self.users)

    def where(self, chosen: NDArray[Any]) -> "Pairs":
        return Pairs(self.users[chosen], self.courses[chosen], self.amounts[chosen])


class PairBatches:
    """All pairs, in an order that depends on the seed and the epoch alone.

    A batch that is not full is filled up with nothing: there is one shape.
    """

    def __init__(self, pairs: Pairs, courses: int, seed: int) -> None:
        self._pairs, self._seed = pairs, seed
        of_little = max(len(pairs) // STEPS_OF_LITTLE, LEAST_ROWS)
        self._rows = min(tokens_of_a_step(len(pairs), courses), of_little)

    def __len__(self) -> int:
        return -(-len(self._pairs) // self._rows)

    def of_epoch(self, epoch: int) -> Iterator[tuple[dict[str, Any], tuple[Any, Any]]]:
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._pairs))
        for start in range(0, len(order), self._rows):
            pairs = self._pairs.where(order[start : start + self._rows])
            users, courses = np.zeros((2, self._rows), np.int32)
            amounts = np.zeros(self._rows, np.float32)
            here = slice(0, len(pairs))
            users[here], courses[here] = 1 + pairs.users, 1 + pairs.courses
            amounts[here] = pairs.amounts
            yield {"users": users}, (courses, amounts)
