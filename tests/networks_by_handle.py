"""The network of each registered model of sequences, with numbers as if trained for long.

As a program it says what these networks answer on the backend that KERAS_BACKEND names, and why
what works on TensorFlow alone does not:

    KERAS_BACKEND=jax python -m tests.networks_by_handle ANSWERS.npz
"""

import sys
from importlib import import_module

import numpy as np

from generator.models.registry import MODELS, model_class
from generator.models.sequence import SequenceModel
from generator.networks.sequences import COURSES, EMBEDDED
from shared.errors import ModelError
from tests.quick_models import quick_model

SIZE, N_COURSES, LENGTH = 16, 20, 12
HANDLES = [handle for handle in MODELS if issubclass(model_class(handle), SequenceModel)]


def network_of(handle, **options):
    from generator.networks.backend import keras
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss

    keras.backend.clear_session()
    model = quick_model(handle, embedding_size=SIZE, **options)
    start = np.zeros((N_COURSES, SIZE), np.float32)
    loss = Loss("softmax", np.ones(N_COURSES, np.int64), 4, 1)
    body = model._body(SIZE, 1)
    network = model._network_of(CourseVectors(start), body, loss, {"gaps": 5}, 0.2, 1)
    random = np.random.default_rng(2)
    for weight in network.trainable_weights:
        weight.assign(random.normal(0, 0.5, weight.shape))
    return network


def asked_for():
    """int32 [rows, LENGTH] by name, rows of different lengths."""
    random = np.random.default_rng(3)
    inside = np.arange(LENGTH) < np.array([1, 5, 12, 8, 3])[:, None]
    numbers = {COURSES: (1, N_COURSES + 1), "gaps": (0, 5)}
    return {
        name: np.where(inside, random.integers(*limits, inside.shape), 0).astype(np.int32)
        for name, limits in numbers.items()
    }


def states_by_keras(network):
    """float32 [rows, SIZE]"""
    inputs = asked_for()
    vectors = np.vstack([np.zeros((1, SIZE), np.float32), network.table()])
    given = {**inputs, EMBEDDED: vectors[inputs[COURSES]]}
    return np.asarray(network.asked().predict_on_batch(given))


if __name__ == "__main__":
    np.savez(sys.argv[1], **{handle: states_by_keras(network_of(handle)) for handle in HANDLES})
    try:
        import_module("generator.networks.row_adagrad")
    except ModelError as error:
        sys.stdout.write(f"{error}\n")
