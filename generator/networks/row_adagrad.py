"""The optimizer of networks with large embedding tables."""

from collections.abc import Sequence
from typing import Any

from generator.networks.backend import keras, ops
from generator.networks.sparse_gradients import with_rows_once
from generator.networks.tensorflow_alone import tf

TINY = 1e-14


class RowAdagrad(keras.optimizers.Optimizer):  # type: ignore[misc]  # keras has no types
    """Adagrad (Duchi, Hazan & Singer 2011) with one rate for each row of a variable.

    A row moves along its gradient by ``learning_rate / sqrt(sum of its squared gradients so far)``,
    mean over the row. Keras's Adam moves every row in every step, by its momentum, and most of
    the time of a step goes there when a batch holds 16,000 of 300,000 users; and a rate for each
    number turns the row away from its gradient, so that the angles between users mean less.
    """

    def build(self, variables: Sequence[Any]) -> None:
        if self.built:
            return
        super().build(variables)
        self._totals = [
            self.add_variable(
                (*variable.shape[:1], *(1 for _ in variable.shape[1:])),
                dtype=variable.dtype,
                name=f"total_{index}",
            )
            for index, variable in enumerate(variables)
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        total = self._totals[self._get_variable_index(variable)]
        if not isinstance(gradient, tf.IndexedSlices):
            self.assign_add(total, _mean_square(gradient))
            self.assign_sub(variable, learning_rate * gradient * _inverse_root(total))
            return
        gradient = with_rows_once(gradient)
        rows, slope = gradient.indices, gradient.values
        new_total = tf.gather(total, rows) + _mean_square(slope)
        change = learning_rate * slope * _inverse_root(new_total)
        self.assign(total, tf.IndexedSlices(new_total, rows))
        self.assign_sub(variable, tf.IndexedSlices(change, rows))


def _mean_square(gradient: Any) -> Any:
    axes = tuple(range(1, len(gradient.shape)))
    return ops.mean(ops.square(gradient), axis=axes, keepdims=True) if axes else gradient**2


def _inverse_root(total: Any) -> Any:
    return 1 / ops.sqrt(total + TINY)
