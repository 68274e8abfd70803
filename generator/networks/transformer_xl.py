"""Attention with a memory of the segments before (Transformer-XL; Dai et al., ACL 2019).

block 2                      x x x x
                           /    |
block 1           x x x x    x x x x       /: is remembered: read, and not trained through
                /    |     /    |
courses  x x x x  x x x x    x x x x
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.attention import NEVER, SPREAD, Block
from generator.networks.backend import keras, layers, ops

LONGEST_WAVE = 10_000.0


class TransformerXl(layers.Layer):  # type: ignore[misc]  # keras has no types
    """Causal blocks over segments; each reads what the block below made of earlier segments too.

    So the last step of a row sees ``n_blocks * memory * segment`` steps before its own segment, and
    a block compares each with at most ``(1 + memory) * segment``. What a block makes of a segment
    needs of earlier ones only what the block below made: the segments of a row are worked out side
    by side, block after block, and come out as in the paper's loop over segments.
    """

    def __init__(
        self,
        size: int,
        *,
        segment: int,
        memory: int,
        n_blocks: int,
        n_heads: int,
        ffn_factor: int,
        dropout: float,
        seed: int,
    ) -> None:
        """segment: its steps. memory: so many segments before are read. size: a multiple of
        n_heads.
        """
        super().__init__()
        self.size, self.segment, self.memory = size, segment, memory
        place = np.arange((1 + memory) * segment)
        self.earlier = place <= memory * segment + np.arange(segment)[:, None]
        self.blocks = [
            Block(
                RelativeAttention(size, segment, memory, n_heads, dropout, seed + 3 * n),
                size,
                ffn_factor,
                dropout,
                gated=False,
                seed=seed + 3 * n + 1,
            )
            for n in range(n_blocks)
        ]
        self.norm = layers.LayerNormalization()

    def call(self, embedded: Any, present: Any, training: bool = False) -> Any:
        """[rows, length, size], of the same; rows are filled up at their end."""
        length = ops.shape(embedded)[1]
        to_fill = self.segment - 1 - (length - 1) % self.segment
        filler = ops.zeros((ops.shape(embedded)[0], to_fill, self.size))
        hidden = ops.concatenate([embedded, filler], axis=1) * self.size**0.5
        is_there = ops.ones_like(hidden[..., :1])
        is_there = with_memory(is_there, is_there, self.segment, self.memory) > 0
        visible = ops.swapaxes(is_there, 1, 2) & self.earlier
        for block in self.blocks:
            hidden = block(hidden, visible, training=training)
        return self.norm(hidden[:, :length])


class RelativeAttention(layers.Layer):  # type: ignore[misc]
    """Each step takes of those before it, in its segment and in the `memory` segments before.

    What step i asks of step j is, with W_R R of sines and cosines of their distance (section 3.3),

        (q_i + u) k_j + (q_i + v) W_R R_{i-j}
    """

    def __init__(
        self, size: int, segment: int, memory: int, n_heads: int, dropout: float, seed: int
    ) -> None:
        super().__init__()
        self.segment, self.memory, self.n_heads = segment, memory, n_heads
        self.scale = (size // n_heads) ** -0.5
        self.asked, self.offered, self.taken, self.of_distances, self.joined = (
            layers.Dense(size, use_bias=False) for _ in range(5)
        )
        self.dropout = layers.Dropout(dropout, seed=seed)
        normal = keras.initializers.RandomNormal(stddev=SPREAD, seed=seed)
        self.of_content = self.add_weight(shape=(size,), initializer=normal, name="u")
        self.of_place = self.add_weight(shape=(size,), initializer=normal, name="v")
        # The farthest first, as the keys are.
        self.waves = waves((1 + memory) * segment, size)[::-1].copy()

    def call(self, hidden: Any, visible: Any, training: bool = False) -> Any:
        """[rows, length, size], of the same, where length is a multiple of the segment's.

        visible: bool [rows * segments, segment, keys]; keys are those of the memory, then its own.
        """
        asked = segments_of(self.asked(hidden), self.segment)
        remembered = ops.stop_gradient(hidden)
        offered, taken = (
            with_memory(project(remembered), project(hidden), self.segment, self.memory)
            for project in (self.offered, self.taken)
        )
        parts = asked + self.of_content, asked + self.of_place, offered, taken
        far = ops.split(self.of_distances(self.waves), self.n_heads, axis=-1)
        of_heads = (ops.split(part, self.n_heads, axis=-1) for part in parts)
        seen = []
        for content, place, offer, take, distance in zip(*of_heads, far, strict=True):
            by_content = ops.matmul(content, ops.swapaxes(offer, 1, 2))
            by_place = shifted(ops.matmul(place, ops.transpose(distance)), self.segment)
            worth = ops.where(visible, (by_content + by_place) * self.scale, NEVER)
            shares = self.dropout(ops.softmax(worth, axis=-1), training=training)
            seen.append(ops.matmul(shares, take))
        return self.joined(ops.reshape(ops.concatenate(seen, axis=-1), ops.shape(hidden)))


def segments_of(steps: Any, segment: int) -> Any:
    """[rows * segments, segment, size] of [rows, length, size]."""
    return ops.reshape(steps, (-1, segment, steps.shape[-1]))


def with_memory(remembered: Any, now: Any, segment: int, memory: int) -> Any:
    """[rows * segments, (memory + 1) * segment, size] of [rows, length, size].

    Of each segment the `memory` ones before it, then its own; zeros where there is none.
    """
    length = ops.shape(now)[1]
    nothing = [ops.zeros_like(now[:, :segment])] * memory
    before = ops.concatenate([*nothing, remembered], axis=1)
    parts = [before[:, back * segment :][:, :length] for back in range(memory)]
    return ops.concatenate([segments_of(part, segment) for part in (*parts, now)], axis=1)


def waves(distances: int, size: int) -> NDArray[np.float32]:
    """float32 [distances, size]: sines, then cosines, of each distance (Vaswani et al. 2017)."""
    rates = LONGEST_WAVE ** (-np.arange(0, size, 2) / size)
    angles = np.arange(distances)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)[:, :size].astype(np.float32)


def shifted(by_distance: Any, segment: int) -> Any:
    """[..., segment, keys], where the farthest distance comes first: by key, where step 0 comes.

    Each row starts one further on than the one below; what comes in at its end is of later steps.

        3 2 1 0         2 1 0 .
        3 2 1 0   ->    3 2 1 0      a segment of two and one remembered
    """
    keys = by_distance.shape[-1]
    wider = ops.concatenate([ops.zeros_like(by_distance[..., :1]), by_distance], axis=-1)
    apart = ops.reshape(wider, (-1, keys + 1, segment))[:, 1:]
    return ops.reshape(apart, (-1, segment, keys))
