"""Keras, set up before its first operation: networks import it from here.

It works on TensorFlow unless the variable KERAS_BACKEND names another backend. Importing this
module imports the backend, which takes seconds: import it where a network is built.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# TensorFlow reads these when it is imported; without them it writes notices to the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
from keras import layers, ops

IS_TENSORFLOW = keras.backend.backend() == "tensorflow"

if IS_TENSORFLOW:
    import tensorflow as tf

    # With more, sums are taken in another order, and the last bits of the lists change.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def begin_anew(seed: int) -> None:
    """Before a network is built that is to be the same whatever was built before."""
    # Layers are numbered from the first again: what is exported orders its operations by their
    # names, and the last bits of a list would depend on which networks were built before.
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)


__all__ = ["IS_TENSORFLOW", "begin_anew", "keras", "layers", "ops"]
