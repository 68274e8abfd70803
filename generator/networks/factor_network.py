"""Users and courses as vectors with a bias, whose products training makes fit what was viewed.

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, ops
from generator.networks.losses import Loss
from generator.networks.rows import after_nothing

USERS = "users"


@dataclass(frozen=True)
class FactorStart:
    """Where the rows of one side begin, and what pulls them back there."""

    vectors: NDArray[np.float32]
    """float32 [rows, size]; pulled to 0, wherever they begin."""
    biases: NDArray[np.float32]
    """float32 [rows]; pulled to where they begin."""
    examples: NDArray[np.int64]
    """int64 [rows]: in how many examples of an epoch each row is."""


class FactorNetwork(keras.Model):  # type: ignore[misc]  # keras has no types
    """Score of user u and course c: ``p_u q_c + b_u + b_c``.

    That is the product of (p_u, b_u, 1) and (q_c, 1, b_c), so that losses and searches that know
    products alone do for it. Each row is pulled once an epoch, however many its examples are: by
    ``reg (|p_u|^2 + |q_c|^2) + bias_reg (b_u^2 + b_c^2)`` in the sum over all examples, where
    biases are measured from where they began.
    """

    def __init__(
        self, users: FactorStart, courses: FactorStart, loss: Loss, reg: float, bias_reg: float
    ) -> None:
        super().__init__()
        self.users_side = Side(users, reg, bias_reg, bias_first=True)
        self.courses_side = Side(courses, reg, bias_reg, bias_first=False)
        self.loss_of_steps = loss
        # Keras finds what is drawn from among its own attributes alone.
        self.seeds = loss.seeds
        self({USERS: np.zeros(1, np.int32)})

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """[rows, size + 2] of int32 [rows], users from 1 on."""
        return self.users_side(inputs[USERS])

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
        pulls = self.users_side.pull(x[USERS]) + self.courses_side.pull(targets)
        there = ops.cast(targets > 0, pulls.dtype)
        pull = ops.sum(pulls * there) / ops.maximum(ops.sum(there), 1)
        return self.loss_of_steps(y_pred, targets, self.courses_side, amounts) + pull


class Side(keras.layers.Layer):  # type: ignore[misc]
    """All users, or all courses. Row 0 stands for nobody and nothing, and is never scored."""

    def __init__(self, start: FactorStart, reg: float, bias_reg: float, bias_first: bool) -> None:
        super().__init__()
        self._vectors = self._weight("vectors", start.vectors)
        self._shifts = self._weight("shifts", np.zeros((len(start.biases), 1), np.float32))
        self._start = ops.convert_to_tensor(after_nothing(start.biases[:, None]))
        shares = 1 / np.maximum(start.examples, 1).astype(np.float32)
        self._shares = ops.convert_to_tensor(after_nothing(shares[:, None])[:, 0])
        self._reg, self._bias_reg, self._bias_first = reg, bias_reg, bias_first
        # All weights are there; Keras would think so of a layer that was called.
        self.built = True

    def call(self, rows: Any) -> Any:
        """[..., size + 2] of int32 [...]"""
        vectors, shifts = (_rows(of, rows) for of in (self._vectors, self._shifts))
        return self._joined(vectors, _rows(self._start, rows) + shifts)

    def every(self) -> Any:
        """[rows, size + 2], without row 0."""
        return self._joined(self._vectors[1:], self._start[1:] + self._shifts[1:])

    def pull(self, rows: Any) -> Any:
        """[rows]: each one's part, by example, of what pulls its row back."""
        squares = ops.sum(_rows(self._vectors, rows) ** 2, axis=-1)
        shifts = _rows(self._shifts, rows)[..., 0] ** 2
        return _rows(self._shares, rows) * (self._reg * squares + self._bias_reg * shifts)

    @property
    def vectors(self) -> NDArray[np.float32]:
        """float32 [rows, size]"""
        return np.asarray(self._vectors.value)[1:]

    @property
    def biases(self) -> NDArray[np.float32]:
        """float32 [rows]"""
        return np.asarray(self._start + self._shifts.value)[1:, 0]

    def _joined(self, vectors: Any, biases: Any) -> Any:
        parts = [biases, ops.ones_like(biases)]
        return ops.concatenate([vectors, *(parts if self._bias_first else parts[::-1])], axis=-1)

    def _weight(self, name: str, rows: NDArray[np.float32]) -> Any:
        weight = self.add_weight(shape=(1 + len(rows), rows.shape[1]), name=name)
        weight.assign(after_nothing(rows))
        return weight


def _rows(table: Any, rows: Any) -> Any:
    return ops.take(table, rows, axis=0)
