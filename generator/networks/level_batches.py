"""Examples in batches, as Keras takes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras
from generator.networks.level_examples import LevelExamples

STEPS_PER_EPOCH = 128
MIN_BATCH, MAX_BATCH = 32, 16384


class LevelBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """Batches of ((users, tags of the course), level), in a new order every epoch if `random`.

    About 128 batches an epoch, so that a learning rate means the same for any number of examples.
    Whole batches are taken from arrays by a permutation: tf.data would shuffle row by row, 20
    seconds an epoch for 3 million of them.
    """

    def __init__(
        self,
        examples: LevelExamples,
        tags_of_course: NDArray[np.int32],
        random: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self._examples = examples
        self._tags = tags_of_course
        self._random = random
        per_step = len(examples) // STEPS_PER_EPOCH
        self._size = min(max(per_step, MIN_BATCH), MAX_BATCH) if random else MAX_BATCH
        self._order = np.arange(len(examples))
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self._order) // self._size)

    def __getitem__(self, step: int) -> tuple[Any, Any]:
        rows = self._order[step * self._size : (step + 1) * self._size]
        levels = self._examples.levels[rows]
        tags = self._tags[self._examples.courses[rows]]
        return (self._examples.users[rows], tags), {"joint": levels, "alone": levels}

    def on_epoch_end(self) -> None:
        if self._random:
            self._random.shuffle(self._order)
