"""Attention that sees both ways, and learns by filling in gaps (Sun et al., CIKM 2019)."""

from typing import Any

from generator.networks.attention import SelfAttention
from generator.networks.backend import keras, layers, ops
from generator.networks.sequence_network import at_places
from generator.networks.starts import STANDARD_DEVIATION


class Bidirectional(layers.Layer):  # type: ignore[misc]  # keras has no types
    """Every step sees every other one that is there; a learned vector stands for a masked one."""

    def __init__(self, size: int, seed: int, attention: SelfAttention) -> None:
        """attention: blocks that are not causal, over one step more than is ever asked about."""
        super().__init__()
        self.attention = attention
        normal = keras.initializers.RandomNormal(stddev=STANDARD_DEVIATION, seed=seed)
        self.mask = self.add_weight(shape=(size,), initializer=normal, name="mask")

    def call(self, embedded: Any, present: Any, training: bool = False) -> Any:
        """[rows, length, size], of the same."""
        return self.attention(embedded, present, training=training)

    def state(self, embedded: Any, present: Any) -> Any:
        """[rows, size]: what is thought of a masked step after the last one.

        x x x . .  ->  x x x m . .
        """
        count = ops.sum(ops.cast(present, "int32"), axis=1)[:, None]
        one_more = ops.concatenate([embedded, ops.zeros_like(embedded[:, :1])], axis=1)
        step = ops.arange(ops.shape(one_more)[1], dtype="int32")[None, :]
        with_mask = ops.where(
            (step == count)[..., None], ops.convert_to_tensor(self.mask), one_more
        )
        return at_places(self(with_mask, step <= count), count)[:, 0]
