"""States by onnxruntime beside those by Keras, whoever is in the batch."""

import numpy as np
import pytest

from generator.networks.exported import exported, opened, states_of
from generator.networks.sequences import COURSES, EMBEDDED
from tests.networks_by_handle import HANDLES, N_COURSES, SIZE, network_of

LENGTH = 24
SAME_AS_RECURRENT = "contrastive_course_sequence"
NETWORKS = [
    *((handle,) for handle in HANDLES if handle != SAME_AS_RECURRENT),
    ("lstm_course_sequence", "lstm"),
]


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(2)
    return np.vstack([np.zeros((1, SIZE)), random.normal(size=(N_COURSES, SIZE))]).astype(
        np.float32
    )


@pytest.fixture(scope="module", params=NETWORKS, ids=" ".join)
def asked(request):
    handle, *cell = request.param
    return network_of(handle, **({"cell": cell[0]} if cell else {})).asked()


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(3)
    lengths = np.array([1, 5, 8, 9, 24, 0, 3])
    inside = np.arange(LENGTH) < lengths[:, None]
    shape = len(lengths), LENGTH
    return {
        COURSES: np.where(inside, random.integers(1, N_COURSES + 1, shape), 0).astype(np.int32),
        "gaps": np.where(inside, random.integers(0, 5, shape), 0).astype(np.int32),
    }


@pytest.fixture(scope="module")
def ask(asked):
    return opened(exported(asked))


@pytest.fixture(scope="module")
def states(ask, inputs, vectors):
    return states_of(ask, inputs, vectors)


def test_the_exported_network_says_what_keras_says(asked, inputs, vectors, states):
    given = {**inputs, EMBEDDED: vectors[inputs[COURSES]]}
    by_keras = asked.predict_on_batch(given)
    with_courses = inputs[COURSES].any(axis=1)
    np.testing.assert_allclose(states[with_courses], by_keras[with_courses], atol=1e-5)
    assert not states[~with_courses].any(), "nothing is known of who has no course"


def test_neither_company_nor_padding_nor_threads_change_a_state(ask, inputs, vectors, states):
    for row in range(len(states)):
        alone = {name: of[[row]] for name, of in inputs.items()}
        np.testing.assert_array_equal(states_of(ask, alone, vectors)[0], states[row])
    longer = {name: np.pad(of, ((0, 0), (0, 40))) for name, of in inputs.items()}
    np.testing.assert_array_equal(states_of(ask, longer, vectors), states)
    np.testing.assert_array_equal(states_of(ask, inputs, vectors, threads=3), states)


def test_what_is_known_of_a_step_beside_its_course_counts(ask, inputs, vectors, states):
    other = inputs | {"gaps": np.where(inputs["gaps"] > 0, 5 - inputs["gaps"], 0)}
    assert (states_of(ask, other, vectors) != states).any()
