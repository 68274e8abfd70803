"""Pairs in batches, with what is known of each user when the course was taken up."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.networks.factor_batches import PairBatches
from generator.networks.feature_lists import FeatureLists


class FmBatches:
    """As `PairBatches`; one feature of the user more is the course that was taken up before."""

    def __init__(
        self, pairs: PairBatches, users: FeatureLists, before: sp.csr_matrix, first_before: int
    ) -> None:
        """before: int32 [users, courses], 1 + the course before. first_before: the feature that
        stands for the first course as the one before."""
        self._pairs, self._users = pairs, users
        self._before, self._first = before, first_before

    def __len__(self) -> int:
        return len(self._pairs)

    def of_epoch(self, epoch: int) -> Iterator[tuple[dict[str, Any], tuple[Any, Any]]]:
        for inputs, targets in self._pairs.of_epoch(epoch):
            yield self._inputs(inputs["users"], targets[0]), targets

    def _inputs(
        self, users: NDArray[np.int32], courses: NDArray[np.int32]
    ) -> dict[str, NDArray[Any]]:
        rows = np.maximum(users - 1, 0), np.maximum(courses - 1, 0)
        before = np.asarray(self._before[rows]).ravel() * (users > 0)
        feature = np.where(before > 0, self._first + before, 0).astype(np.int32)
        there = (before > 0).astype(np.float32)
        return {
            "features": np.column_stack([self._users.numbers[users], feature]),
            "values": np.column_stack([self._users.values[users], there]),
        }
