"""TensorFlow itself, for what Keras has no word for: moving some rows of a table and no others."""

from generator.networks.backend import IS_TENSORFLOW
from shared.errors import ModelError

if not IS_TENSORFLOW:
    raise ModelError("This works on TensorFlow alone: leave KERAS_BACKEND empty.")

import tensorflow as tf

__all__ = ["tf"]
