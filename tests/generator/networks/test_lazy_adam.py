"""The optimizer of large tables beside Keras's own."""

import numpy as np
import pytest

ROWS, SIZE = 6, 3


@pytest.fixture(scope="module")
def gradients():
    """Of three steps: which rows, some of them twice, and their slopes."""
    random = np.random.default_rng(1)
    steps = ([0, 1, 2, 3, 4, 5, 2], [5, 4, 3, 2, 1, 0, 0], [1, 1, 1, 0, 2, 3, 4, 5])
    return [(rows, 9 * random.normal(size=(len(rows), SIZE))) for rows in steps]


def as_dense(rows, slopes):
    dense = np.zeros((ROWS, SIZE), np.float32)
    np.add.at(dense, rows, slopes)
    return dense


def as_sparse(rows, slopes):
    from generator.networks.tensorflow_alone import tf

    return tf.IndexedSlices(tf.constant(slopes, tf.float32), tf.constant(rows), (ROWS, SIZE))


def after(optimizer, gradients):
    from generator.networks.backend import keras

    variable = keras.Variable(np.ones((ROWS, SIZE), np.float32))
    for gradient in gradients:
        optimizer.apply([gradient], [variable])
    return variable.numpy()


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_it_is_keras_adamw_where_every_row_is_read(gradients, decay):
    from generator.networks.backend import keras
    from generator.networks.lazy_adam import LazyAdamW

    dense = [as_dense(*step) for step in gradients]
    expected = after(keras.optimizers.AdamW(0.1, weight_decay=decay, clipnorm=5.0), dense)
    sparse = [as_sparse(*step) for step in gradients]
    np.testing.assert_allclose(after(LazyAdamW(0.1, decay, 5.0), sparse), expected, atol=1e-6)
    np.testing.assert_allclose(after(LazyAdamW(0.1, decay, 5.0), dense), expected, atol=1e-6)


def test_a_row_that_is_not_read_rests_and_goes_on_from_where_it_was(gradients):
    from generator.networks.lazy_adam import LazyAdamW

    ((_, slopes), *_) = gradients
    read = ([0, 2], [1], [2, 0])
    sparse = [as_sparse(rows, slopes[: len(rows)]) for rows in read]
    moved = after(LazyAdamW(0.1, 0.0, 1e9), sparse)
    np.testing.assert_array_equal(moved[[3, 4, 5]], 1.0)
    mean, square, expected = (np.zeros((ROWS, SIZE)) for _ in range(3))
    for step, rows in enumerate(read, start=1):
        slope = slopes[: len(rows)]
        mean[rows] = 0.9 * mean[rows] + 0.1 * slope
        square[rows] = 0.999 * square[rows] + 0.001 * slope**2
        rate = 0.1 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        expected[rows] -= rate * mean[rows] / (np.sqrt(square[rows]) + 1e-7)
    np.testing.assert_allclose(moved, 1 + expected, atol=1e-5)
