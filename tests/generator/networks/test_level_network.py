"""The optimizer and the batches; what the network learns is tested with its model."""

import numpy as np
import pytest

from generator.networks.level_examples import LevelExamples


def examples(n: int) -> LevelExamples:
    return LevelExamples(*(np.arange(n, dtype=np.int32) % part for part in (n, 7, 3)))


def adagrad_by_hand(start, gradients, learning_rate):
    """Row by row in float64, from the docstring."""
    values, total = start.astype(np.float64), np.zeros(len(start))
    for gradient in gradients:
        total += (gradient**2).mean(axis=1)
        moved = total > 0
        values[moved] -= learning_rate * gradient[moved] / np.sqrt(total[moved])[:, None]
    return values


@pytest.mark.parametrize("sparse", [False, True])
def test_each_row_moves_by_its_own_rate_and_rows_that_are_not_in_the_batch_rest(sparse):
    from generator.networks.backend import keras
    from generator.networks.row_adagrad import RowAdagrad
    from generator.networks.tensorflow_alone import tf

    random = np.random.default_rng(1)
    start = random.normal(size=(6, 3)).astype(np.float32)
    variable = keras.Variable(start)
    optimizer = RowAdagrad(0.1)
    gradients = []
    for rows in ([0, 2, 2, 5], [2, 1], [5, 5, 5]):
        slopes = random.normal(size=(len(rows), 3)).astype(np.float32)
        gradient = np.zeros((6, 3))
        np.add.at(gradient, rows, slopes)
        gradients.append(gradient)
        given = tf.IndexedSlices(tf.constant(slopes), tf.constant(rows), tf.constant([6, 3]))
        optimizer.apply([given if sparse else tf.constant(gradient, tf.float32)], [variable])
    expected = adagrad_by_hand(start, gradients, 0.1)
    np.testing.assert_allclose(variable.numpy(), expected, atol=1e-5)
    np.testing.assert_array_equal(variable.numpy()[[3, 4]], start[[3, 4]])


def test_an_epoch_holds_every_example_once_and_the_next_has_another_order():
    from generator.networks.level_batches import LevelBatches

    tags = np.arange(14, dtype=np.int32).reshape(7, 2)
    batches = LevelBatches(examples(1000), tags, np.random.default_rng(1))

    def epoch():
        return [user for step in range(len(batches)) for user in batches[step][0][0]]

    first = epoch()
    batches.on_epoch_end()
    assert sorted(first) == list(range(1000))
    assert sorted(epoch()) == list(range(1000))
    assert epoch() != first
    for step in range(len(batches)):
        (users, listed), heads = batches[step]
        np.testing.assert_array_equal(listed, tags[users % 7])
        np.testing.assert_array_equal(heads["joint"], users % 3)
        np.testing.assert_array_equal(heads["alone"], users % 3)


@pytest.mark.parametrize(("n", "steps"), [(10, 1), (1_000, 32), (20_000, 129), (4_000_000, 245)])
def test_an_epoch_is_about_128_steps_of_batches_from_32_to_16384(n, steps):
    from generator.networks.level_batches import LevelBatches

    batches = LevelBatches(examples(n), np.zeros((7, 1), np.int32), np.random.default_rng(1))
    assert len(batches) == steps
    assert len(batches[0][1]["joint"]) == min(n, max(32, min(n // 128, 16_384)))
