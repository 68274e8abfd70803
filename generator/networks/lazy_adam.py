"""The optimizer of networks with a large table of which a batch reads little."""

from collections.abc import Sequence
from typing import Any

from generator.networks.backend import keras, ops
from generator.networks.sparse_gradients import with_rows_once
from generator.networks.tensorflow_alone import tf


class LazyAdamW(keras.optimizers.Adam):  # type: ignore[misc]  # keras has no types
    """AdamW (Loshchilov & Hutter 2019), but rows of a table that a batch does not read rest.

    Keras moves every row in every step, by its momentum: of 395,000 courses that takes longer than
    all else of a step that reads 20,000. Here such a row keeps its place and its moments. What has
    a dense gradient, as a table whose every row is scored, is treated as by Keras.
    """

    def __init__(self, learning_rate: Any, weight_decay: float, longest: float) -> None:
        """longest: gradients of a variable are made no longer than this."""
        # Keras goes over every row for a decay of 0, too.
        super().__init__(learning_rate, weight_decay=weight_decay or None)
        self._longest = longest

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> Any:
        """As in Keras; what clips there makes a dense gradient of any."""
        clipped = [tf.clip_by_norm(with_rows_once(of), self._longest) for of in grads]
        return super().apply(clipped, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        place, rows, slope = self._get_variable_index(variable), gradient.indices, gradient.values
        mean, square = self._momentums[place], self._velocities[place]
        new_mean = self.beta_1 * tf.gather(mean, rows) + (1 - self.beta_1) * slope
        new_square = self.beta_2 * tf.gather(square, rows) + (1 - self.beta_2) * slope**2
        step = ops.cast(self.iterations + 1, variable.dtype)
        rate = learning_rate * ops.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        change = rate * new_mean / (ops.sqrt(new_square) + self.epsilon)
        self.assign(mean, tf.IndexedSlices(new_mean, rows))
        self.assign(square, tf.IndexedSlices(new_square, rows))
        self.assign_sub(variable, tf.IndexedSlices(change, rows))
