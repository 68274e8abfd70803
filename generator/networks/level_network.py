"""The network that predicts the level of a viewed course.

Importing this module imports TensorFlow, which takes seconds: import it where a network is built.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, layers, ops
from generator.networks.level_batches import LevelBatches
from generator.networks.level_examples import NO_TAG, LevelExamples
from generator.networks.row_adagrad import RowAdagrad
from generator.networks.tensorflow_alone import tf

PATIENCE = 2
LEAST_GAIN = 0.002
TAG_REG = 16.0
"""Pull of a tag's own effect on the level towards none, in courses."""
WEIGHT_OF_USER_ALONE = 0.5


@dataclass(frozen=True)
class LevelNetworkOptions:
    """What the model's options say of the network, and the seed."""

    embedding_size: int
    reg: float
    learning_rate: float
    tag_dropout: float
    seed: int


class LevelNetwork:
    """Level of a course from its tags and a user's embedding; a course is nothing but its tags.

    With user embedding u, the sum c of the course's tag embeddings scaled to length sqrt(size),
    and the sum p of its tags' own effects over sqrt(tags), two heads predict the level:

        of the user alone:         a = V u + b
        of the user and the tags:  p + W (u * c) + a, where a counts as given

    The second could be right without u, from p; the first could not, so u always carries what a
    user's levels have in common, and what the second adds to it is where they differ by topic.
    Columns of V and W keep length 1, so that u alone sets how far a user is from the average, and
    `reg` pulls u towards 0, the average user.
    """

    def __init__(
        self,
        examples: LevelExamples,
        tags_of_course: NDArray[np.int32],
        n_users: int,
        n_levels: int,
        options: LevelNetworkOptions,
    ) -> None:
        """Build it for these training examples; `fit` trains."""
        _make_repeatable(options.seed)
        self._examples = examples
        self._tags = tags_of_course
        self._random = np.random.default_rng(options.seed)
        # One row more, which no example moves: the average user.
        views = np.bincount(examples.users, minlength=n_users + 1)
        self._average_user = n_users
        self._users = UserEmbedding(views, options.embedding_size, options.reg)
        n_courses = len(np.unique(examples.courses))
        self._network = self._build(n_levels, TAG_REG / n_courses, options)

    def _build(self, n_levels: int, tag_reg: float, options: LevelNetworkOptions) -> keras.Model:
        size, n_tags = options.embedding_size, int(self._tags.max(initial=0)) + 1
        unit = keras.constraints.UnitNorm(axis=0)
        user = keras.Input((), dtype="int32", name="user")
        tags = keras.Input((self._tags.shape[1],), dtype="int32", name="tags")
        present = layers.Dropout(options.tag_dropout)(ops.cast(tags != NO_TAG, "float32"))
        present = ops.expand_dims(present, -1)
        embedded = layers.Embedding(
            n_tags, size, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0)
        )(tags)
        topic = layers.UnitNormalization()(ops.sum(embedded * present, axis=1)) * size**0.5
        effects = layers.Embedding(
            n_tags,
            n_levels,
            embeddings_initializer="zeros",
            embeddings_regularizer=keras.regularizers.L2(tag_reg),
        )(tags)
        count = ops.maximum(ops.sum(present, axis=1), 1)
        effect = ops.sum(effects * present, axis=1) / ops.sqrt(count)
        taste = self._users(user)
        alone = layers.Dense(n_levels, kernel_constraint=unit, name="alone")(taste)
        by_topic = layers.Dense(n_levels, use_bias=False, kernel_constraint=unit)(taste * topic)
        joint = layers.Identity(name="joint")(effect + by_topic + ops.stop_gradient(alone))
        network = keras.Model((user, tags), {"joint": joint, "alone": alone})
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(
            RowAdagrad(options.learning_rate),
            loss={"joint": loss, "alone": loss},
            loss_weights={"joint": 1.0, "alone": WEIGHT_OF_USER_ALONE},
        )
        return network

    def fit(
        self,
        epochs: int,
        on_epoch: Callable[[int], None],
        held_out: LevelExamples | None = None,
    ) -> int:
        """Train; the number of epochs, or with `held_out` that which predicts it best."""
        callbacks: list[Any] = [
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: on_epoch(epoch + 1))
        ]
        validation = None
        if held_out is not None:
            callbacks.append(StopByBothHeads())
            validation = LevelBatches(held_out, self._tags)
        self._network.fit(
            LevelBatches(self._examples, self._tags, self._random),
            validation_data=validation,
            epochs=epochs,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
        return epochs if held_out is None else 1 + int(callbacks[-1].best_epoch)

    def predict(
        self, examples: LevelExamples, of_average_user: bool = False
    ) -> NDArray[np.float32]:
        """float32 [examples, levels]: the probability of each level."""
        if of_average_user:
            nobody = np.full(len(examples), self._average_user, np.int32)
            examples = replace(examples, users=nobody)
        logits = self._network.predict(LevelBatches(examples, self._tags), verbose=0)["joint"]
        return np.asarray(ops.softmax(logits))

    @property
    def user_vectors(self) -> NDArray[np.float32]:
        """float32 [users, size]; 0 is the average user."""
        return np.asarray(self._users.table)[: self._average_user]


def _make_repeatable(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    tf.get_logger().setLevel("ERROR")


class StopByBothHeads(keras.callbacks.EarlyStopping):  # type: ignore[misc]  # keras has no types
    """Stop, and go back to the best epoch, when held-out courses are predicted no better.

    The loss that Keras reports holds the penalties too, which grow while the predictions improve.
    """

    def __init__(self) -> None:
        super().__init__(
            mode="min", min_delta=LEAST_GAIN, patience=PATIENCE, restore_best_weights=True
        )

    def get_monitor_value(self, logs: dict[str, float]) -> float:
        return logs["val_joint_loss"] + WEIGHT_OF_USER_ALONE * logs["val_alone_loss"]


class UserEmbedding(layers.Layer):  # type: ignore[misc]  # keras has no types
    """One row a user, 0 at first, and pulled there once for all of the user's examples."""

    def __init__(self, views_of_user: NDArray[np.int64], size: int, reg: float) -> None:
        super().__init__()
        self._share = reg / np.maximum(views_of_user, 1).astype(np.float32)
        self._size = size

    def build(self, _input_shape: Any) -> None:
        self.table = self.add_weight((len(self._share), self._size), initializer="zeros")
        self._pull = ops.convert_to_tensor(self._share)

    def call(self, users: Any) -> Any:
        # Not ops.take: it reads the whole table, which TensorFlow then copies before it changes it.
        rows = tf.gather(self.table.value, users)
        # A penalty on the whole table would touch every user in every batch.
        self.add_loss(ops.mean(ops.take(self._pull, users) * ops.sum(rows**2, axis=-1)))
        return rows
