"""Sequences with gaps in them, to be filled in: what networks learn from that read both ways."""

import numpy as np
from numpy.typing import NDArray

from generator.networks.sequence_batches import SequenceBatches
from generator.networks.sequences import COURSES, MASKED, PLACES, Sequences, Windows


class ClozeBatches(SequenceBatches):
    """Some steps of each window are masked, and the courses there are to be foretold.

    Of a window of n steps ``max(1, round(masked_share * n))``, drawn anew in each epoch; of a share
    of the windows the last one alone, as when it is asked what comes next (Sun et al., CIKM 2019,
    section 3.6). What else is known of a masked step is hidden too.
    """

    def __init__(
        self,
        sequences: Sequences,
        windows: Windows,
        length: int,
        seed: int,
        *,
        masked_share: float,
        last_share: float,
    ) -> None:
        super().__init__(sequences, windows, length, seed)
        self._masked_share, self._last_share = masked_share, last_share

    def _examples(
        self, windows: Windows, size: int, random: np.random.Generator
    ) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
        steps = self._sequences.read(windows, size)
        places, is_masked = self._drawn(windows.lengths, size, random)
        targets = np.where(is_masked, np.take_along_axis(steps[COURSES], places, axis=1), 0)
        row, of_row = np.nonzero(is_masked)
        for name, of in steps.items():
            of[row, places[row, of_row]] = MASKED if name == COURSES else 0
        return {**steps, PLACES: np.where(is_masked, places, 0)}, targets

    def _drawn(
        self, lengths: NDArray[np.int64], size: int, random: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Steps of each window, [windows, most that are masked], and which of them are masked."""
        order = random.random((len(lengths), size))
        order[np.arange(size) >= lengths[:, None]] = 1
        counts = np.maximum(1, np.rint(self._masked_share * lengths)).astype(np.int64)
        last_alone = random.random(len(lengths)) < self._last_share
        order[last_alone, lengths[last_alone] - 1] = -1
        counts[last_alone] = 1
        most = max(1, round(self._masked_share * size))
        places = np.argsort(order, axis=1)[:, :most].astype(np.int32)
        return places, np.arange(most) < counts[:, None]
