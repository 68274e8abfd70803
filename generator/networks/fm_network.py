"""A factorization machine: every pair of what is known of a user and a course, by its factors.

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, ops
from generator.networks.feature_lists import FeatureLists
from generator.networks.losses import Loss
from generator.networks.rows import after_nothing


class FmNetwork(keras.Model):  # type: ignore[misc]  # keras has no types
    """``w x + sum over pairs i < j of (v_i v_j) x_i x_j`` (Rendle, ICDM 2010, equation 1).

    x are the features of a user at a moment and of a course, one behind the other. Each side is
    summed by the identity of its lemma 3.1, ``((sum v x)^2 - sum (v x)^2) / 2``, in as many steps
    as it has features, and what is between the sides is the product of their sums. So a course is
    a vector and a bias, whoever looks at it.
    """

    def __init__(
        self,
        start: NDArray[np.float32],
        shares: NDArray[np.float32],
        courses: FeatureLists,
        loss: Loss,
        reg: float,
    ) -> None:
        """start: float32 [features, size + 1], the last number is w; pulled back to it by `reg`,
        of which each example has a part, `shares` float32 [features]."""
        super().__init__()
        self._start = ops.convert_to_tensor(after_nothing(start))
        self._table = self.add_weight(shape=self._start.shape, name="table")
        self._table.assign(self._start)
        self._shares = ops.convert_to_tensor(after_nothing(shares[:, None])[:, 0])
        self._lists, self._values = map(ops.convert_to_tensor, (courses.numbers, courses.values))
        self._reg, self.loss_of_steps = reg, loss
        # Keras finds what is drawn from among its own attributes alone.
        self.seeds = loss.seeds
        self.built = True

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """[rows, size + 2]: (sum, own part, 1) of users, given [rows, width] by name."""
        sums, own = self._side(inputs["features"], inputs["values"])
        return ops.concatenate([sums, own, ops.ones_like(own)], axis=-1)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Keras asks for it in every step; y: courses from 1 on, 0 for nothing, and amounts."""
        targets, amounts = y
        pull = ops.sum(self._pull(x["features"])) + ops.sum(
            self._pull(ops.take(self._lists, targets, axis=0))
        )
        count = ops.maximum(ops.sum(ops.cast(targets > 0, pull.dtype)), 1)
        loss = self.loss_of_steps(y_pred, targets, self.of_courses, amounts)
        return loss + self._reg * pull / count

    @property
    def of_courses(self) -> "FmCourses":
        return FmCourses(self)

    def courses(self, rows: Any) -> Any:
        """[..., size + 2]: (sum, 1, own part) of int32 [...], courses from 1 on."""
        lists, values = (ops.take(of, rows, axis=0) for of in (self._lists, self._values))
        sums, own = self._side(lists, values)
        return ops.concatenate([sums, ops.ones_like(own), own], axis=-1)

    @property
    def table(self) -> NDArray[np.float32]:
        """float32 [features, size + 1]"""
        return np.asarray(self._table.value)[1:]

    def _side(self, features: Any, values: Any) -> tuple[Any, Any]:
        """[..., size] and [..., 1]: the sum of factors, and w x with the pairs of this side."""
        terms = ops.take(self._table, features, axis=0) * values[..., None]
        sums = ops.sum(terms, axis=-2)
        squares = ops.sum(ops.square(terms[..., :-1]), axis=-2)
        pairs = ops.sum(ops.square(sums[..., :-1]) - squares, axis=-1, keepdims=True) / 2
        return sums[..., :-1], sums[..., -1:] + pairs

    def _pull(self, features: Any) -> Any:
        now, begun = (ops.take(of, features, axis=0) for of in (self._table, self._start))
        # Factors are pulled to zero wherever they began, and w to where it did.
        squares = ops.sum(ops.square(now[..., :-1]), axis=-1)
        squares = squares + ops.square(now[..., -1] - begun[..., -1])
        return ops.take(self._shares, features, axis=0) * squares


class FmCourses:
    """Courses as losses ask for them."""

    def __init__(self, network: FmNetwork) -> None:
        self._network = network

    def __call__(self, courses: Any) -> Any:
        return self._network.courses(courses)

    def every(self) -> Any:
        return self._network.courses(ops.arange(1, self._network._lists.shape[0]))
