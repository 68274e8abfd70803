"""What a network that foretells courses makes small, by name.

Each is the mean over the steps that have a target, of hidden states h and vectors v of courses,
times how much each step counts where that is told:

    softmax           -log(exp(h v+) / sum over all courses of exp(h v))
    sampled_softmax   likewise over the target and some courses drawn by popularity q, with
                      h v - log(expected count of v), so that both have the same minimum
                      (Bengio & Senecal 2008; Yi et al., RecSys 2019)
    gbce              -(beta log s(h v+) + sum over drawn courses of log(1 - s(h v))), with
                      beta below 1 against the overconfidence that drawing so few brings
                      (Petrov & Macdonald, RecSys 2023)
    bpr               mean over drawn courses of -log(s(h v+ - h v))
                      (Rendle, Freudenthaler, Gantner & Schmidt-Thieme, UAI 2009)
    squared           (h v+ - y)^2, where y is what the step's score is to be
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.backend import keras, ops
from generator.networks.loss_names import LossName

CALIBRATION = 0.75
"""Of gbce: 0 is plain binary cross-entropy, 1 has no overconfidence (section 4.3)."""
NEVER = -1e9


class Loss:
    """A loss over hidden states, by name."""

    def __init__(self, name: LossName, viewers: NDArray[np.int64], draws: int, seed: int) -> None:
        """viewers: int64 [courses of the table], by whose 3/4th power courses are drawn."""
        self._loss, self._draws = name, min(draws, len(viewers))
        chance = np.maximum(viewers, 1).astype(np.float64) ** 0.75
        chance /= chance.sum()
        self._cumulated = np.cumsum(chance).astype(np.float32)
        self._log_expected = np.log(self._draws * chance).astype(np.float32)
        share = self._draws / max(len(viewers) - 1, 1)
        self._beta = share * (CALIBRATION * (1 - 1 / share) + 1 / share)
        self.seeds = keras.random.SeedGenerator(seed)

    def __call__(self, hidden: Any, targets: Any, vectors: Any, amounts: Any = None) -> Any:
        """hidden: [steps, size]. targets: int32 [steps], 0 where there is none. amounts: float32
        [steps], how much each counts, or if squared what its score is to be."""
        if self._loss == "squared":
            of_steps = ops.square(ops.sum(hidden * vectors(targets), axis=-1) - amounts)
        else:
            of_steps = getattr(self, f"_{self._loss}")(hidden, targets, vectors)
            of_steps = of_steps if amounts is None else of_steps * amounts
        counts = ops.cast(targets > 0, of_steps.dtype)
        return ops.sum(of_steps * counts) / ops.maximum(ops.sum(counts), 1)

    def of_bags(self, hidden: Any, rows: Any, targets: Any, vectors: Any, amounts: Any) -> Any:
        """Multinomial: of all targets of a row at once, whose chances add up to 1, summed.

        hidden: [rows, size], scored once for all targets of its row. rows, targets, amounts:
        int32, int32 from 1 on, float32 [pairs]; 0 for none. Only softmax and sampled_softmax; the
        latter weighs what was drawn for what it stands for (importance sampling).
        """
        if self._loss == "softmax":
            logits = ops.matmul(hidden, ops.transpose(vectors.every()))
        else:
            drawn = self._drawn()
            logits = ops.matmul(hidden, ops.transpose(vectors(drawn)))
            logits = logits - ops.take(ops.convert_to_tensor(self._log_expected), drawn - 1)
        whole = ops.logsumexp(logits, axis=1)
        own = ops.sum(ops.take(hidden, rows, axis=0) * vectors(targets), axis=-1)
        return ops.sum((ops.take(whole, rows) - own) * amounts)

    def _softmax(self, hidden: Any, targets: Any, vectors: Any) -> Any:
        logits = ops.matmul(hidden, ops.transpose(vectors.every()))
        return keras.losses.sparse_categorical_crossentropy(
            ops.maximum(targets - 1, 0), logits, from_logits=True
        )

    def _sampled_softmax(self, hidden: Any, targets: Any, vectors: Any) -> Any:
        positive, negative, drawn = self._scores(hidden, targets, vectors)
        expected = ops.convert_to_tensor(self._log_expected)
        positive = positive - ops.take(expected, ops.maximum(targets - 1, 0), axis=0)
        negative = negative - ops.take(expected, drawn - 1, axis=0)
        logits = ops.concatenate([positive[:, None], negative], axis=1)
        return ops.logsumexp(logits, axis=1) - positive

    def _gbce(self, hidden: Any, targets: Any, vectors: Any) -> Any:
        positive, negative, _ = self._scores(hidden, targets, vectors)
        return self._beta * ops.softplus(-positive) + ops.sum(ops.softplus(negative), axis=1)

    def _bpr(self, hidden: Any, targets: Any, vectors: Any) -> Any:
        positive, negative, drawn = self._scores(hidden, targets, vectors)
        others = ops.cast(targets[:, None] != drawn[None, :], positive.dtype)
        losses = ops.softplus(negative - positive[:, None]) * others
        return ops.sum(losses, axis=1) / ops.maximum(ops.sum(others, axis=1), 1)

    def _scores(self, hidden: Any, targets: Any, vectors: Any) -> tuple[Any, Any, Any]:
        """Of the target, [steps]; of drawn courses, [steps, draws], the target never among them."""
        drawn = self._drawn()
        positive = ops.sum(hidden * vectors(targets), axis=-1)
        negative = ops.matmul(hidden, ops.transpose(vectors(drawn)))
        is_target = targets[:, None] == drawn[None, :]
        return positive, ops.where(is_target, NEVER, negative), drawn

    def _drawn(self) -> Any:
        """int32 [draws], courses from 1 on, the same one several times perhaps."""
        uniform = keras.random.uniform((self._draws,), seed=self.seeds)
        drawn = ops.searchsorted(ops.convert_to_tensor(self._cumulated), uniform) + 1
        return ops.minimum(ops.cast(drawn, "int32"), len(self._cumulated))
