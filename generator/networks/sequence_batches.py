"""Sequences in batches of one length each, so that little is read that is padding."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.sequences import COURSES, Sequences, Windows

SHORTEST = 8
MIN_TOKENS, MAX_TOKENS = 128, 12_800
WORTH_A_STEP = 1024
"""With fewer tokens a step takes hardly less time."""


def padded_lengths(lengths: NDArray[np.int64], longest: int) -> NDArray[np.int64]:
    """int64 [rows]: to how many steps each is filled up, `SHORTEST` times a power of two.

    Each length is a program of its own for the compiler, and a batch has one length.
    """
    doublings = np.ceil(np.log2(np.maximum(lengths, 1) / SHORTEST)).clip(0)
    padded: NDArray[np.int64] = np.minimum(SHORTEST * 2 ** doublings.astype(np.int64), longest)
    return padded


def tokens_of_a_step(steps: int, courses: int) -> int:
    """How many steps of sequences a batch has, of so many in an epoch.

    An epoch of much data has 512 batches, of little 128: on one processor many small steps get
    further in the same time than a few large ones. Each also moves the table of all courses, and
    has to be worth that.
    """
    tokens = max(steps // 512, min(steps // 128, WORTH_A_STEP), courses // 32)
    return int(np.clip(tokens, MIN_TOKENS, MAX_TOKENS))


class SequenceBatches(ABC):
    """Windows in batches of one length each; a subclass says what is foretold of them.

    A batch that is not full is filled up with empty rows: the shape of each length is always the
    same.
    """

    def __init__(self, sequences: Sequences, windows: Windows, length: int, seed: int) -> None:
        self._sequences, self._windows, self._seed = sequences, windows, seed
        self._padded = padded_lengths(windows.lengths, length)
        courses = int(sequences.steps[COURSES].max(initial=0))
        tokens = tokens_of_a_step(int(self._padded.sum()), courses)
        self._rows = {int(size): max(1, tokens // int(size)) for size in np.unique(self._padded)}

    def __len__(self) -> int:
        counts = {size: int((self._padded == size).sum()) for size in self._rows}
        return sum(-(-counts[size] // rows) for size, rows in self._rows.items())

    def of_epoch(self, epoch: int) -> Iterator[tuple[dict[str, Any], NDArray[np.int32]]]:
        """Inputs, int32 [rows, ...] by name, and the courses to foretell, 0 where none is.

        In an order that depends on the seed and the epoch alone.
        """
        random = np.random.default_rng((self._seed, epoch))
        batches = []
        for size, rows in self._rows.items():
            alike = random.permutation(np.flatnonzero(self._padded == size))
            batches += [(size, alike[start : start + rows]) for start in range(0, len(alike), rows)]
        for place in random.permutation(len(batches)).tolist():
            size, chosen = batches[place]
            inputs, targets = self._examples(self._windows[chosen], size, random)
            rows = self._rows[size]
            yield with_empty_rows(inputs, rows), _filled(targets, rows)

    @abstractmethod
    def _examples(
        self, windows: Windows, size: int, random: np.random.Generator
    ) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
        """Inputs and targets, as in `of_epoch`, of windows that are read as so many steps."""


class NextCourseBatches(SequenceBatches):
    """The course that came after each step."""

    def _examples(
        self, windows: Windows, size: int, random: np.random.Generator
    ) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
        after = Windows(windows.starts + 1, windows.stops + 1)
        return self._sequences.read(windows, size), self._sequences.read(after, size)[COURSES]


def with_empty_rows(
    inputs: Mapping[str, NDArray[np.int32]], rows: int
) -> dict[str, NDArray[np.int32]]:
    return {name: _filled(of, rows) for name, of in inputs.items()}


def _filled(array: NDArray[np.int32], rows: int) -> NDArray[np.int32]:
    filled = np.zeros((rows, *array.shape[1:]), array.dtype)
    filled[: len(array)] = array
    return filled
