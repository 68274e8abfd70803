"""A network that reads all courses of a user at once, and says what else belongs to them.

    courses --inputs--> sum --.------------ + -- mean --.
                               \\-- hidden --'-- spread --'-- drawn -- product -- scores of courses

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, layers, ops
from generator.networks.bag_batches import COURSES, PRESENT, ROWS, SHARES
from generator.networks.losses import Loss
from generator.networks.rows import after_nothing

SUMS = "sums"
FIRST_SPREAD = -2.0
"""Logarithm of the variance that states begin with."""


@dataclass(frozen=True)
class AutoencoderStart:
    inputs: NDArray[np.float32]
    """float32 [courses, size]: what each course adds to the sum."""
    outputs: NDArray[np.float32]
    """float32 [courses, size]: by whose product with a state each is scored, and"""
    biases: NDArray[np.float32]
    """float32 [courses]."""
    hidden_size: int


class AutoencoderNetwork(keras.Model):  # type: ignore[misc]  # keras has no types
    """Mult-VAE (Liang, Krishnan, Hoffman & Jebara, WWW 2018) whose first layer is a sum of vectors.

    A user's state is normal, with mean ``x E + h M`` and the spread of ``h S``, where ``h =
    tanh((x E) H)`` and x is the user's row of length 1. Training makes small, per user, the
    multinomial loss of what the user took up given a drawn state, and `most_kl` times its distance
    from the standard normal (annealed from 0 on over `anneal_steps`). M and S start at 0, so that
    the network starts as the linear one that E and the outputs are.
    """

    def __init__(
        self,
        start: AutoencoderStart,
        loss: Loss,
        dropout: float,
        most_kl: float,
        anneal_steps: int,
        seed: int,
    ) -> None:
        super().__init__()
        size = start.inputs.shape[1]
        self.inputs_table = Table(start.inputs)
        self.outputs_table = Table(np.hstack([start.outputs, start.biases[:, None]]))
        self.head = Head(size, start.hidden_size)
        self.dropout = layers.Dropout(dropout, seed=seed)
        self.loss_of_bags = loss
        # Keras finds what is drawn from among its own attributes alone.
        self.seeds, self.noise = loss.seeds, keras.random.SeedGenerator(seed + 1)
        self.most_kl, self.anneal_steps = most_kl, max(anneal_steps, 1)
        nothing = {name: np.zeros(1, np.int32) for name in (COURSES, ROWS)}
        self({**nothing, SHARES: np.zeros(1, np.float32), PRESENT: np.zeros((1, 1), np.float32)})

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """[rows, 2 size]: means, and logarithms of variances."""
        shares = self.dropout(inputs[SHARES], training=training)
        parts = self.inputs_table(inputs[COURSES]) * shares[:, None]
        rows = ops.shape(inputs[PRESENT])[0]
        sums = ops.segment_sum(parts, inputs[ROWS], num_segments=rows)
        return self.head(sums)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Keras asks for it in every step; y: float32 [pairs], how much each is to be foretold."""
        mean, log_variance = ops.split(y_pred, 2, axis=-1)
        there = ops.cast(x[PRESENT] > 0, mean.dtype)
        noise = keras.random.normal(ops.shape(mean), seed=self.noise)
        state = mean + ops.exp(log_variance / 2) * noise
        with_one = ops.concatenate([state, ops.ones_like(state[:, :1])], axis=-1)
        foretold = self.loss_of_bags.of_bags(with_one, x[ROWS], x[COURSES], self.outputs_table, y)
        apart = ops.square(mean) + ops.exp(log_variance) - 1 - log_variance
        distance = ops.sum(apart * there) / 2
        count = ops.maximum(ops.sum(there), 1)
        return (foretold + self._kl_share() * distance) / count

    def asked(self) -> Any:
        """A model of its own: mean [rows, size] of the sum of a user's vectors."""
        size = self.inputs_table.size
        sums = keras.Input((size,), name=SUMS)
        asked = keras.Model({SUMS: sums}, self.head(sums)[:, :size])
        # What was never called cannot be exported.
        asked({SUMS: np.zeros((1, size), np.float32)})
        return asked

    def _kl_share(self) -> Any:
        steps = ops.cast(self.optimizer.iterations, "float32")
        return self.most_kl * ops.minimum(steps / self.anneal_steps, 1.0)


class Table(layers.Layer):  # type: ignore[misc]
    """One row a course, the row of a course being 1 + its number; row 0 stands for none."""

    def __init__(self, start: NDArray[np.float32]) -> None:
        super().__init__()
        self.size = start.shape[1]
        self._rows = self.add_weight(shape=(1 + len(start), start.shape[1]), name="rows")
        self._rows.assign(after_nothing(start))
        # All weights are there; Keras would think so of a layer that was called.
        self.built = True

    def call(self, courses: Any) -> Any:
        """[..., size] of int32 [...]"""
        return ops.take(self._rows, courses, axis=0)

    def every(self) -> Any:
        """[courses, size]"""
        return self._rows[1:]

    @property
    def rows(self) -> NDArray[np.float32]:
        """float32 [courses, size]"""
        return np.asarray(self._rows.value)[1:]


class Head(layers.Layer):  # type: ignore[misc]
    """[rows, 2 size] of [rows, size]: what becomes of a sum of vectors."""

    def __init__(self, size: int, hidden_size: int) -> None:
        super().__init__()
        self._hidden = layers.Dense(hidden_size, activation="tanh")
        self._mean = layers.Dense(size, kernel_initializer="zeros")
        self._spread = layers.Dense(
            size,
            kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(FIRST_SPREAD),
        )

    def build(self, sums_shape: Any) -> None:
        self._hidden.build(sums_shape)
        for layer in (self._mean, self._spread):
            layer.build((sums_shape[0], self._hidden.units))

    def call(self, sums: Any) -> Any:
        hidden = self._hidden(sums)
        return ops.concatenate([sums + self._mean(hidden), self._spread(hidden)], axis=-1)
