"""Keras on TensorFlow, set up before its first operation: networks import both from here.

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

import os

# TensorFlow reads these when it is imported; without them it writes notices to the terminal.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import tensorflow as tf
from keras import layers, ops

# With more, sums are taken in another order, and the last bits of the lists change.
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

__all__ = ["keras", "layers", "ops", "tf"]
