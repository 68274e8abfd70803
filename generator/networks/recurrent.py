"""Recurrent networks over sequences (Hidasi et al., ICLR 2016)."""

from typing import Any, Literal

from generator.networks.backend import layers

Cell = Literal["gru", "lstm"]


class Recurrent(layers.Layer):  # type: ignore[misc]  # keras has no types
    """Layers of GRU (Cho et al. 2014) or LSTM (Hochreiter & Schmidhuber 1997) cells.

    Rows are filled up at their end, where nothing that counts can see it.
    """

    def __init__(self, cell: Cell, size: int, n_layers: int, dropout: float, seed: int) -> None:
        super().__init__()
        make = {"gru": layers.GRU, "lstm": layers.LSTM}[cell]
        self.recurrent = [make(size, return_sequences=True) for _ in range(n_layers)]
        self.dropouts = [layers.Dropout(dropout, seed=seed + n) for n in range(n_layers)]
        self.to_courses = layers.Dense(size)

    def call(self, embedded: Any, present: Any, training: bool = False) -> Any:
        """[rows, length, size], of the same."""
        hidden = embedded
        for recurrent, dropout in zip(self.recurrent, self.dropouts, strict=True):
            hidden = dropout(recurrent(hidden), training=training)
        return self.to_courses(hidden)
