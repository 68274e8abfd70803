"""The table of courses that a network reads from and scores with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, ops
from generator.networks.rows import after_nothing

RIDGE = 0.1
"""Pull of what texts say at the start towards nothing, in courses."""


class CourseVectors(keras.layers.Layer):  # type: ignore[misc]  # keras has no types
    """One vector a course, both of what was taken up and of what comes next (tied).

    With texts it is ``v = own + text M``: what M learns of all courses holds for one that nobody
    has taken up yet, whose own part is 0. Row 0 stands for no course, and is never scored.
    """

    def __init__(
        self, start: NDArray[np.float32], texts: NDArray[np.float32] | None = None
    ) -> None:
        """start: float32 [courses, size]; texts: float32 [courses, any], or none are read.

        M starts as the regression of `start` on the texts, and courses' own parts at what is left.
        """
        super().__init__()
        self._texts, self._of_texts = None, None
        own = start
        if texts is not None:
            of_texts = regression(texts, start)
            own = start - texts @ of_texts
            self._texts = self._weight("texts", after_nothing(texts), trainable=False)
            self._of_texts = self._weight("of_texts", of_texts)
        self._own = self._weight("own", after_nothing(own))

    def call(self, courses: Any) -> Any:
        """[..., size] of int32 [...], the row of a course being 1 + its number."""
        own = ops.take(self._own, courses, axis=0)
        if self._texts is None:
            return own
        return own + ops.matmul(ops.take(self._texts, courses, axis=0), self._of_texts)

    def every(self) -> Any:
        """[courses, size]"""
        if self._texts is None:
            return self._own[1:]
        return self._own[1:] + ops.matmul(self._texts[1:], self._of_texts)

    @property
    def of_texts(self) -> NDArray[np.float32]:
        """M, float32 [any, size]: what a text makes of a course; of no rows where none are read."""
        size = self._own.shape[1]
        none = np.zeros((0, size), np.float32)
        return none if self._of_texts is None else np.asarray(self._of_texts.value)

    def _weight(self, name: str, value: NDArray[np.float32], trainable: bool = True) -> Any:
        weight = self.add_weight(shape=value.shape, name=name, trainable=trainable)
        weight.assign(value)
        return weight


def regression(texts: NDArray[np.float32], start: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [any, size]: M of the least squares ``start = texts M``, with a ridge."""
    square = texts.T @ texts + RIDGE * np.eye(texts.shape[1], dtype=np.float32)
    solved: NDArray[np.float32] = np.linalg.solve(square, texts.T @ start).astype(np.float32)
    return solved
