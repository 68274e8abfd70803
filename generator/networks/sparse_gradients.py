"""Gradients of tables of which a batch reads some rows, perhaps several times."""

from typing import Any

from generator.networks.tensorflow_alone import tf


def with_rows_once(gradient: Any) -> Any:
    """The same gradient; of a row that was read several times, the sum. Dense ones as they are."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, place = tf.unique(gradient.indices)
    slope = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))
    return tf.IndexedSlices(slope, rows, gradient.dense_shape)
