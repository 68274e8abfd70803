"""Self-attention over sequences (Vaswani et al., NIPS 2017), in blocks that are normed first.

hidden --norm-- attention --(gate)-- + --norm-- feed-forward --(gate)-- + -- hidden
       '_____________________________'  '______________________________'
"""

from typing import Any, Literal

from generator.networks.backend import keras, layers, ops

Positions = Literal["relative", "absolute"]
NEVER = -1e9
SPREAD = 0.02
"""Standard deviation of the vectors of positions, before training."""


class SelfAttention(layers.Layer):  # type: ignore[misc]  # keras has no types
    """Blocks of self-attention, and a norm after the last.

    causal: whether a step sees only itself and those before it; else all that are there. Rows are
    filled up at their end, so that a causal network never sees what was filled up.

    positions: "absolute" adds a vector learned for each place, counted from the first step read;
    "relative" adds to what a step thinks of another a number learned for how far that is behind
    (Raffel et al., JMLR 2020, one for each distance), so that the latest course is the same thing
    to everybody, however many came before. Neither depends on later steps.

    gated: what a block adds goes through ``sigmoid(hidden W + b)`` first (LiGR; Borisyuk et al.,
    2025, arXiv:2502.03417; Tikhonovich et al., "eSASRec", RecSys 2025).
    """

    def __init__(
        self,
        size: int,
        length: int,
        *,
        causal: bool,
        n_blocks: int,
        n_heads: int,
        ffn_factor: int,
        dropout: float,
        gated: bool,
        positions: Positions,
        seed: int,
    ) -> None:
        """length: steps of the longest row. size: a multiple of n_heads."""
        super().__init__()
        self.causal, self.size = causal, size
        self.places = None
        if positions == "absolute":
            normal = keras.initializers.RandomNormal(stddev=SPREAD, seed=seed)
            self.places = self.add_weight(shape=(length, size), initializer=normal, name="places")
        distances = length if positions == "relative" else 0
        self.blocks = [
            Block(
                Attention(size, n_heads, dropout, distances, seed + 3 * n),
                size,
                ffn_factor,
                dropout,
                gated,
                seed + 3 * n + 1,
            )
            for n in range(n_blocks)
        ]
        self.norm = layers.LayerNormalization()

    def call(self, embedded: Any, present: Any, training: bool = False) -> Any:
        """[rows, length, size], of the same; present: bool [rows, length]."""
        length = ops.shape(embedded)[1]
        hidden = embedded * self.size**0.5
        if self.places is not None:
            hidden = hidden + self.places[:length]
        steps = ops.arange(length, dtype="int32")
        behind = steps[:, None] - steps[None, :]
        visible = (behind >= 0)[None] if self.causal else present[:, None, :]
        for block in self.blocks:
            hidden = block(hidden, (behind, visible), training=training)
        return self.norm(hidden)


class Block(layers.Layer):  # type: ignore[misc]
    """Attention, then a feed-forward network of each step alone; both are added to what comes."""

    def __init__(
        self, attention: Any, size: int, ffn_factor: int, dropout: float, gated: bool, seed: int
    ) -> None:
        """attention: a layer, (hidden [..., size], sight) -> the same shape."""
        super().__init__()
        self.attention = attention
        self.widened = layers.Dense(ffn_factor * size, activation="relu")
        self.narrowed = layers.Dense(size)
        self.norms = [layers.LayerNormalization() for _ in range(2)]
        self.dropouts = [layers.Dropout(dropout, seed=seed + n) for n in range(2)]
        self.gates = [layers.Dense(size, activation="sigmoid") for _ in range(2 * gated)]

    def call(self, hidden: Any, sight: Any, training: bool = False) -> Any:
        """[..., size], of the same. sight: what its attention is told of who sees whom."""
        seen = self.attention(self.norms[0](hidden), sight, training=training)
        hidden = self._added(0, hidden, seen, training)
        thought = self.narrowed(self.widened(self.norms[1](hidden)))
        return self._added(1, hidden, thought, training)

    def _added(self, part: int, hidden: Any, change: Any, training: bool) -> Any:
        change = self.dropouts[part](change, training=training)
        return hidden + (self.gates[part](hidden) * change if self.gates else change)


class Attention(layers.Layer):  # type: ignore[misc]
    """Each step takes of the steps visible to it what its heads find worth taking."""

    def __init__(self, size: int, n_heads: int, dropout: float, distances: int, seed: int) -> None:
        """distances: up to so many steps have a number of their own; 0: none has one."""
        super().__init__()
        self.size, self.n_heads, self.distances = size, n_heads, distances
        self.asked, self.offered, self.taken = (layers.Dense(size) for _ in range(3))
        self.joined = layers.Dense(size)
        self.dropout = layers.Dropout(dropout, seed=seed)
        if distances:
            shape = (n_heads, 2 * distances - 1)
            self.of_distances = self.add_weight(shape=shape, initializer="zeros", name="distances")

    def call(self, hidden: Any, sight: tuple[Any, Any], training: bool = False) -> Any:
        """[rows, length, size], of the same.

        sight: int32 [length, length], by how many steps the second is before the first; and bool
        [rows or 1, length or 1, length], whether the last may be seen by the one before.
        """
        behind, visible = sight
        asked = self.asked(hidden) / (self.size // self.n_heads) ** 0.5
        of_heads = (
            ops.split(of, self.n_heads, axis=-1)
            for of in (asked, self.offered(hidden), self.taken(hidden))
        )
        seen = []
        # Heads one by one: of a transposed product of four dimensions ONNX loses track.
        for head, (asked, offered, taken) in enumerate(zip(*of_heads, strict=True)):
            worth = ops.matmul(asked, ops.transpose(offered, (0, 2, 1)))
            if self.distances:
                worth = worth + ops.take(self.of_distances[head], behind + self.distances - 1)
            shares = ops.softmax(ops.where(visible, worth, NEVER), axis=-1)
            seen.append(ops.matmul(self.dropout(shares, training=training), taken))
        return self.joined(ops.concatenate(seen, axis=-1))
