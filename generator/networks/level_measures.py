"""How well levels of held-out courses are predicted, and what knowing the user adds to that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_WORTH = 0.02
"""Nats a view. Where levels are drawn by lot it came out at .012 at most; .035 on COCo, whose users
hardly keep to a level, and .2 on the sample."""
STANDARD_ERRORS = 2
TINY = 1e-9


@dataclass(frozen=True)
class LevelMeasures:
    figures: dict[str, float]
    """Accuracy and log loss, beside those of who knows less."""
    worth_of_users: float
    """What knowing the user takes off the log loss, in nats a view; two standard errors more, so
    that few held-out views condemn nobody."""

    @property
    def tell_users_apart(self) -> bool:
        return self.worth_of_users >= LEAST_WORTH


def measured(
    predicted: NDArray[np.float32],
    of_average_user: NDArray[np.float32],
    known: NDArray[np.int32],
    held_out: NDArray[np.int32],
) -> LevelMeasures:
    """predicted, of_average_user: float32 [held out, levels], probabilities of each level.

    known: int32, levels that were trained on, whose shares are the prior. held_out: int32 [held
    out], the true levels.
    """
    levels = predicted.shape[1]
    prior = (1 + np.bincount(known, minlength=levels)) / (len(known) + levels)
    own, average = (_log_losses(each, held_out) for each in (predicted, of_average_user))
    gains = average - own
    worth = gains.mean() + STANDARD_ERRORS * gains.std() / np.sqrt(len(gains))
    figures = {
        "held_out_accuracy": (predicted.argmax(axis=1) == held_out).mean(),
        "majority_accuracy": (prior.argmax() == held_out).mean(),
        "held_out_log_loss": own.mean(),
        "average_user_log_loss": average.mean(),
        "prior_log_loss": -np.log(prior[held_out]).mean(),
    }
    return LevelMeasures({name: float(value) for name, value in figures.items()}, float(worth))


def _log_losses(predicted: NDArray[np.float32], held_out: NDArray[np.int32]) -> NDArray[np.float64]:
    of_the_level = predicted[np.arange(len(held_out)), held_out].astype(np.float64)
    losses: NDArray[np.float64] = -np.log(np.maximum(of_the_level, TINY))
    return losses
