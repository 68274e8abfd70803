import numpy as np
import pytest

from generator.networks.sequences import COURSES, EMBEDDED, MASKED, PLACES

SIZE, MANY = 4, 6


@pytest.fixture(scope="module")
def network():
    """Its body adds up what it has read so far, and says of a masked step what stood before."""
    from generator.networks.backend import keras, layers, ops
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss
    from generator.networks.sequence_network import SequenceNetwork

    class Sums(layers.Layer):
        def __init__(self):
            super().__init__()
            self.mask = self.add_weight(shape=(SIZE,), initializer="ones", name="mask")

        def call(self, embedded, present, training=False):
            return ops.cumsum(embedded * ops.cast(present, "float32")[..., None], axis=1)

    keras.utils.set_random_seed(1)
    start = np.random.default_rng(1).normal(size=(MANY, SIZE)).astype(np.float32)
    loss = Loss("softmax", np.ones(MANY, np.int64), 3, 1)
    return SequenceNetwork(CourseVectors(start), Sums(), loss, {}, 0.0, 1)


def vectors_of(network):
    return np.vstack([np.zeros((1, SIZE), np.float32), network.table()])


def test_a_masked_step_is_there_and_reads_as_the_mask(network):
    courses = np.array([[3, MASKED, 2, 0]], np.int32)
    steps = np.vstack([network.table()[[2]], np.ones((1, SIZE)), network.table()[[1]]])
    hidden = np.asarray(network({COURSES: courses}))[0]
    np.testing.assert_allclose(hidden[:3], np.cumsum(steps, axis=0), atol=1e-6)
    np.testing.assert_allclose(hidden[3], hidden[2], atol=1e-6)


def test_where_places_are_given_hidden_states_are_those_of_these_places(network):
    courses = np.array([[1, 2, 3, 4], [5, 6, 0, 0]], np.int32)
    every = np.asarray(network({COURSES: courses}))
    places = np.array([[3, 0], [1, 0]], np.int32)
    some = np.asarray(network({COURSES: courses, PLACES: places}))
    np.testing.assert_array_equal(some, [every[0, [3, 0]], every[1, [1, 0]]])


def test_the_state_is_what_stands_at_the_last_course_of_each_row(network):
    courses = np.zeros((2, 8), np.int32)
    courses[0, :3], courses[1, :8] = [4, 1, 2], [1, 2, 3, 4, 5, 6, 1, 2]
    vectors = vectors_of(network)
    asked = network.asked()({EMBEDDED: vectors[courses], COURSES: courses})
    np.testing.assert_allclose(np.asarray(asked), vectors[courses].sum(axis=1), atol=1e-6)


def test_the_loss_is_the_mean_over_steps_that_have_a_target(network):
    courses = np.array([[1, 2, 3], [4, 0, 0]], np.int32)
    targets = np.array([[2, 3, 0], [1, 0, 0]], np.int32)
    hidden = np.asarray(network({COURSES: courses}))
    found = float(network.compute_loss(y=targets, y_pred=hidden))
    logits = hidden[targets > 0].astype(np.float64) @ network.table().T
    of_target = logits[np.arange(3), targets[targets > 0] - 1]
    assert found == pytest.approx((np.log(np.exp(logits).sum(axis=1)) - of_target).mean(), abs=1e-5)
