"""A network that reads a sequence of courses and says what comes next.

    courses --vectors--> embedded --body--> hidden --state--> what a user is
                 \\________________________________ product ____ scores of courses

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, layers, ops
from generator.networks.course_vectors import CourseVectors
from generator.networks.losses import Loss
from generator.networks.sequence_batches import SHORTEST
from generator.networks.sequences import COURSES, EMBEDDED, MASKED, PLACES


class SequenceNetwork(keras.Model):  # type: ignore[misc]  # keras has no types
    """The table of courses, a body that reads them in order, and what training makes small.

    body: a layer, (embedded [rows, length, size], present bool [rows, length]) -> hidden, likewise;
    hidden states may not depend on later steps. It may have `state(embedded, present)` where what
    is asked for is not the hidden state of the last step, and `mask`, a vector that stands for a
    course that is to be guessed, where its batches hold such steps.
    contexts: what else is known of each step, by name, and how many numbers it may be; added to the
    course's vector.
    """

    def __init__(
        self,
        vectors: CourseVectors,
        body: Any,
        loss: Loss,
        contexts: Mapping[str, int],
        dropout: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.vectors, self.body, self.loss_of_steps = vectors, body, loss
        # Keras finds what is drawn from among its own attributes alone.
        self.seeds = loss.seeds
        size = int(vectors.every().shape[-1])
        self.contexts = {
            name: layers.Embedding(count, size, embeddings_initializer="zeros")
            for name, count in contexts.items()
        }
        self.dropout = layers.Dropout(dropout, seed=seed)
        nothing = np.zeros((1, SHORTEST), np.int32)
        self(dict.fromkeys((COURSES, *contexts), nothing))

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """hidden [rows, length or places, size] of int32 [rows, length] by name."""
        courses = inputs[COURSES]
        embedded = self._with_contexts(self.vectors(ops.maximum(courses, 0)), inputs)
        embedded = self.dropout(embedded, training=training)
        if hasattr(self.body, "mask"):
            embedded = ops.where(
                (courses == MASKED)[..., None], ops.convert_to_tensor(self.body.mask), embedded
            )
        hidden = self.body(embedded, courses != 0, training=training)
        return at_places(hidden, inputs[PLACES]) if PLACES in inputs else hidden

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Keras asks for it in every step; y: int32 [rows, length or places], 0 for nothing."""
        size = ops.shape(y_pred)[-1]
        steps = ops.reshape(y_pred, (-1, size))
        return self.loss_of_steps(steps, ops.reshape(y, (-1,)), self.vectors)

    def asked(self) -> Any:
        """A model of its own, state [rows, size] of what `embedded` and each context hold.

        It reads vectors and not numbers of courses, so that whoever keeps it need not keep the
        table twice, and courses that came later can be read too.
        """
        size = int(self.vectors.every().shape[-1])
        embedded = keras.Input((None, size), name=EMBEDDED)
        numbers = {
            name: keras.Input((None,), dtype="int32", name=name)
            for name in (COURSES, *self.contexts)
        }
        read, present = self._with_contexts(embedded, numbers), numbers[COURSES] > 0
        asked = keras.Model({EMBEDDED: embedded, **numbers}, State(self.body)(read, present))
        # What was never called cannot be exported.
        nothing = np.zeros((1, SHORTEST), np.int32)
        no_vectors = np.zeros((1, SHORTEST, size), np.float32)
        asked({EMBEDDED: no_vectors, **dict.fromkeys(numbers, nothing)})
        return asked

    def table(self) -> NDArray[np.float32]:
        """float32 [courses, size]"""
        return np.asarray(self.vectors.every())

    def _with_contexts(self, embedded: Any, numbers: Mapping[str, Any]) -> Any:
        for name, layer in self.contexts.items():
            embedded = embedded + layer(numbers[name])
        return embedded


class State(layers.Layer):  # type: ignore[misc]
    """[rows, size]: what a body makes of each row."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body

    def call(self, embedded: Any, present: Any) -> Any:
        if hasattr(self.body, "state"):
            return self.body.state(embedded, present)
        return at_last_step(self.body(embedded, present), present)

    # JAX cannot find it out of what depends on a length that is not known.
    def compute_output_shape(self, embedded_shape: Any, present_shape: Any) -> tuple[Any, Any]:
        return embedded_shape[0], embedded_shape[-1]


def at_last_step(hidden: Any, present: Any) -> Any:
    """[rows, size]: what of [rows, length, size] stands at each row's last step that is there."""
    last = ops.maximum(ops.sum(ops.cast(present, "int32"), axis=1) - 1, 0)
    return at_places(hidden, last[:, None])[:, 0]


def at_places(hidden: Any, places: Any) -> Any:
    """[rows, places, size] of [rows, length, size] and int32 [rows, places]."""
    return ops.take_along_axis(hidden, places[..., None], axis=1)
