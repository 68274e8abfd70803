"""The contract of everything that makes vectors of texts."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called with texts done and texts in all."""


class TextEncoder(Protocol):
    """Texts of like meaning have vectors of like direction.

    A text's vector depends on the text and the encoder alone: not on the texts beside it, nor on
    the number of threads.
    """

    name: str
    size: int
    """Numbers in a vector."""

    texts_cut: int
    """Texts so far that were longer than it reads, so that only their beginning counted."""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the weights and of all settings that change a vector."""

    def encode(self, texts: Sequence[str], progress: Progress = ...) -> NDArray[np.float32]:
        """float32 [texts, size] of unit length; zeros for a text that says nothing to it."""


def in_silence(done: int, total: int) -> None:
    """The progress that nobody follows."""


def of_unit_length(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """float32: the same directions; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
