"""Networks of 8 bits a weight beside the same ones of 32."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from generator.networks.exported import exported, opened
from generator.networks.quantized import quantized
from generator.networks.sequences import COURSES, EMBEDDED

SIZE, ROWS, LENGTH = 32, 9, 12


@pytest.fixture(scope="module", params=["gru", "lstm"])
def graph(request):
    from generator.networks.backend import keras
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss
    from generator.networks.recurrent import Recurrent
    from generator.networks.sequence_network import SequenceNetwork

    keras.utils.set_random_seed(4)
    vectors = CourseVectors(np.zeros((5, SIZE), np.float32))
    loss = Loss("softmax", np.ones(5, np.int64), 4, 1)
    body = Recurrent(request.param, SIZE, 1, 0.2, 1)
    return exported(SequenceNetwork(vectors, body, loss, {}, 0.2, 1).asked())


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    embedded = random.normal(size=(ROWS, LENGTH, SIZE)).astype(np.float32)
    return {COURSES: np.ones((ROWS, LENGTH), np.int32), EMBEDDED: embedded}


def weights_of(graph: bytes) -> dict[str, np.ndarray]:
    initializers = onnx.load_from_string(graph).graph.initializer
    return {array.name: numpy_helper.to_array(array) for array in initializers}


def test_states_are_nearly_those_of_the_whole_network_and_take_a_quarter(graph, inputs):
    small = quantized(graph)
    whole, rounded = opened(graph)(inputs), opened(small)(inputs)
    assert 0 < np.abs(rounded - whole).max() < 0.03 * np.abs(whole).max()
    matrices = sum(array.nbytes for array in weights_of(graph).values() if array.size >= 1024)
    # What the graph says beside its weights is not small in one of this size.
    assert len(graph) - len(small) > 0.65 * matrices


def test_a_state_does_not_depend_on_whom_it_is_read_with(graph, inputs):
    ask = opened(quantized(graph))
    alone = ask({name: of[:1] for name, of in inputs.items()})
    np.testing.assert_allclose(ask(inputs)[:1], alone, atol=1e-6)


def test_no_weight_is_further_off_than_half_a_step_of_its_own_column(graph):
    before, after = weights_of(graph), weights_of(quantized(graph))
    rounded = [name for name in before if f"{name}.int8" in after]
    assert rounded
    assert all(before[name].size < 1024 for name in set(before) - set(rounded))
    for name in rounded:
        scales = after[f"{name}.scales"]
        largest = np.abs(before[name]).reshape(-1, len(scales)).max(axis=0)
        np.testing.assert_allclose(scales, largest / 127, rtol=1e-6)
        assert (np.abs(after[f"{name}.int8"] * scales - before[name]) <= 0.501 * scales).all()
