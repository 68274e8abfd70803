"""The table of courses that a network reads from and scores with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, ops


class CourseVectors(keras.layers.Layer):  # type: ignore[misc]  # keras has no types
    """One vector a course, both of what was taken up and of what comes next (tied).

    Row 0 stands for no course, and is never scored.
    """

    def __init__(self, start: NDArray[np.float32]) -> None:
        """start: float32 [courses, size]"""
        super().__init__()
        courses, size = start.shape
        self._table = self.add_weight(shape=(courses + 1, size), name="table")
        self._table.assign(np.vstack([np.zeros((1, size), np.float32), start]))

    def call(self, courses: Any) -> Any:
        """[..., size] of int32 [...], the row of a course being 1 + its number."""
        return ops.take(self._table, courses, axis=0)

    def every(self) -> Any:
        """[courses, size]"""
        return self._table[1:]
