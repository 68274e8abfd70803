"""A start for every user that a few steps make theirs: meta-learning over users as tasks.

    attributes, stage --> begun -- step -- ... -- step --> state -- product -- scores of courses
                                     \\            /
                                      known courses

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.autoencoder_network import Table
from generator.networks.backend import keras, layers, ops
from generator.networks.bag_batches import COURSES, ROWS
from generator.networks.losses import Loss
from generator.networks.rows import after_nothing
from generator.networks.task_batches import FEATURES, KNOWN, STAGES, VALUES

BEGUN, SUMS, AMOUNTS = "begun", "sums", "amounts"


@dataclass(frozen=True)
class MamlStart:
    inputs: NDArray[np.float32]
    """float32 [courses, size]: what each course says where it is known."""
    outputs: NDArray[np.float32]
    """float32 [courses, size]: by whose product with a state each is scored, and"""
    biases: NDArray[np.float32]
    """float32 [courses, stages], which stay as they are."""
    ages: NDArray[np.float32]
    """float32 [stages, most_known]: how much known courses count, the latest one first."""
    rivals: NDArray[np.int32]
    """int32 [rivals]: courses that known ones are held against, and"""
    rival_biases: NDArray[np.float32]
    """float32 [rivals]"""
    features: int
    rates: NDArray[np.float32]
    """float32 [steps, size]"""


class MamlNetwork(keras.Model):  # type: ignore[misc]  # keras has no types
    """MAML (Finn, Abbeel & Levine, ICML 2017) that adapts a state of each user and nothing else.

    That is CAVIA (Zintgraf et al., ICML 2019), with a rate for each step and number (Meta-SGD, Li
    et al. 2017). The state z of a user begins at ``z = A x + s``, x being what is known of them and
    s that of their stage. Each of a few steps goes down the gradient, which is a closed form, of

        sum over known courses c of w_c (log sum over rivals r of exp(z e_r + b_r) - z e_c)

    where w is by stage and age. Training makes small the multinomial loss of what comes next, with
    scores ``z v_c + b_c`` where b is by stage, through those steps. `first_order` takes each step's
    gradient for a constant: then w rests, and e are v.
    """

    def __init__(
        self, start: MamlStart, loss: Loss, dropout: float, first_order: bool, seed: int
    ) -> None:
        super().__init__()
        self.stages, size = len(start.ages), start.outputs.shape[1]
        self.outputs = Outputs(start.outputs, start.biases)
        # What the steps' gradients are made of is a constant to the first order.
        self.inputs_table = self.outputs.vectors if first_order else Table(start.inputs)
        self.features_table = Table(np.zeros((start.features, size), np.float32))
        self.stages_table = Table(np.zeros((self.stages, size), np.float32))
        self.ages_table = Table(start.ages)
        self.ages_table.trainable = not first_order
        self.rivals, self.rival_biases = start.rivals, start.rival_biases
        self.rates = self.add_weight(shape=start.rates.shape, name="rates")
        self.rates.assign(start.rates)
        self.dropout = layers.Dropout(dropout, seed=seed)
        self.first_order, self.loss_of_bags = first_order, loss
        # Keras finds what is drawn from among its own attributes alone.
        self.seeds = loss.seeds
        self.built = True

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """[rows, size + stages]: states, and which stage each is at."""
        begun, sums, amounts = self.given(inputs)
        state = self.dropout(self.state(begun, sums, amounts), training=training)
        return ops.concatenate([state, ops.one_hot(inputs[STAGES], self.stages)], axis=-1)

    def given(self, inputs: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """[rows, size] twice and [rows, 1]: where each begins, and what known courses say, summed,
        and how much that counts."""
        stages = 1 + inputs[STAGES]
        features = self.features_table(inputs[FEATURES]) * inputs[VALUES][..., None]
        begun = ops.sum(features, axis=1) + self.stages_table(stages)
        weights = self.ages_table(stages) * ops.cast(inputs[KNOWN] > 0, begun.dtype)
        sums = ops.sum(self.inputs_table(inputs[KNOWN]) * weights[..., None], axis=1)
        return begun, sums, ops.sum(weights, axis=1, keepdims=True)

    def state(self, begun: Any, sums: Any, amounts: Any) -> Any:
        """[rows, size]: what the steps make of `given`."""
        rivals = self.inputs_table(1 + self.rivals)
        return adapted(
            *(begun, sums, amounts, rivals, self.rival_biases, self.rates), self.first_order
        )

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Keras asks for it in every step; y: float32 [pairs], 1 where there is a next course."""
        foretold = self.loss_of_bags.of_bags(y_pred, x[ROWS], x[COURSES], self.outputs, y)
        return foretold / ops.maximum(ops.sum(y), 1)

    def asked(self) -> Any:
        """A model of its own: state [rows, size] of what `given` gives."""
        size = self.inputs_table.size
        rivals = self.inputs_table.rows[self.rivals]
        steps = Steps(rivals, self.rival_biases, np.asarray(self.rates.value))
        shapes = {BEGUN: size, SUMS: size, AMOUNTS: 1}
        given = {name: keras.Input((length,), name=name) for name, length in shapes.items()}
        asked = keras.Model(given, steps(*given.values()))
        # What was never called cannot be exported.
        asked({name: np.zeros((1, length), np.float32) for name, length in shapes.items()})
        return asked


class Outputs(layers.Layer):  # type: ignore[misc]
    """Courses as losses ask for them, from 1 on: [..., size + stages]."""

    def __init__(self, vectors: NDArray[np.float32], biases: NDArray[np.float32]) -> None:
        super().__init__()
        self.vectors = Table(vectors)
        self._biases = ops.convert_to_tensor(after_nothing(biases))
        self.built = True

    def call(self, courses: Any) -> Any:
        biases = ops.take(self._biases, courses, axis=0)
        return ops.concatenate([self.vectors(courses), biases], axis=-1)

    def every(self) -> Any:
        return ops.concatenate([self.vectors.every(), self._biases[1:]], axis=-1)

    @property
    def rows(self) -> NDArray[np.float32]:
        """float32 [courses, size + stages]"""
        return np.asarray(self.every())


class Steps(layers.Layer):  # type: ignore[misc]
    """The steps of a trained network, with numbers of its own."""

    def __init__(
        self,
        rivals: NDArray[np.float32],
        biases: NDArray[np.float32],
        rates: NDArray[np.float32],
    ) -> None:
        super().__init__()
        self._numbers = rivals, biases, rates

    def call(self, begun: Any, sums: Any, amounts: Any) -> Any:
        return adapted(begun, sums, amounts, *self._numbers, first_order=False)


def adapted(
    begun: Any,
    sums: Any,
    amounts: Any,
    rivals: Any,
    biases: Any,
    rates: Any,
    first_order: bool,
) -> Any:
    """[rows, size]: after as many steps as there are rates, [steps, size].

    sums: [rows, size], known courses, each times its weight; amounts: [rows, 1], these weights
    together. rivals: [rivals, size].
    """
    state = begun
    for step in range(rates.shape[0]):
        logits = ops.matmul(state, ops.transpose(rivals)) + biases
        shares = ops.exp(logits - ops.logsumexp(logits, axis=-1, keepdims=True))
        downwards = sums - amounts * ops.matmul(shares, rivals)
        state = state + rates[step] * (ops.stop_gradient(downwards) if first_order else downwards)
    return state
