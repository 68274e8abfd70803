"""What can be chosen about how a network is trained, and the training of one for a run."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.networks.loss_names import LossName

if TYPE_CHECKING:
    from generator.networks.checkpoints import Checkpoints, Reached
    from generator.networks.training import Batches

VERSION = 1
"""Of how networks are trained here: what a killed run of another one left is not gone on with."""
HELD_OUT_SHARE = 0.1
MOST_HELD_OUT = 1000
LEAST_HELD_OUT = 100
HELD_OUT_NDCG = "held_out_ndcg_at_10"
COURSES_FOR_FULL_SOFTMAX = 5000
ROWS_TO_REST = 50_000
"""With fewer, moving all rows of a table in each step takes little, and learns a little more."""


class TrainingOptions(ModelOptions):
    epochs: int = Field(
        20,
        ge=1,
        le=1000,
        description="Passes over the views at most; held-out courses say when to stop.",
    )
    most_views: int = Field(
        20_000_000,
        ge=1,
        le=10**12,
        description="Fewer passes, but one, if they would read more views than so many together.",
    )
    patience: int = Field(
        3, ge=1, le=1000, description="So many epochs that find no more end the training."
    )
    learning_rate: Annotated[float, Searched(0.0003, 0.003)] = Field(
        0.001,
        gt=0,
        le=1,
        description="Step of the optimizer, after a warm-up; it falls as a cosine.",
    )
    warm_up_epochs: float = Field(
        0.5, ge=0, le=1000, description="Epochs in which the step rises to learning_rate."
    )
    weight_decay: float = Field(0.0, ge=0, le=10, description="Pull of all weights towards 0.")

    def passes_over(self, views: int) -> int:
        """Epochs at most, of so many views."""
        return max(1, min(self.epochs, self.most_views // max(views, 1)))


def chosen_loss(name: LossName | Literal["auto"], courses: int) -> LossName:
    """What is made small where training chooses among so many courses."""
    if name != "auto":
        return name
    return "softmax" if courses <= COURSES_FOR_FULL_SOFTMAX else "sampled_softmax"


def measures_of(epochs: int, value: float, held_out: str = HELD_OUT_NDCG) -> dict[str, float]:
    """The epoch that was best, and its value on what was held out, unless that is NaN."""
    of_epoch = {} if np.isnan(value) else {held_out: round(float(value), 4)}
    return {"epochs": float(epochs), **of_epoch}


def held_out_users(counts: NDArray[np.int64], seed: int) -> NDArray[np.int32]:
    """int32: users one of whose courses training does not see, of those with three or more."""
    candidates = np.flatnonzero(counts >= 3)
    count = min(MOST_HELD_OUT, int(HELD_OUT_SHARE * len(candidates)))
    if count < LEAST_HELD_OUT:
        return np.zeros(0, np.int32)
    chosen = np.random.default_rng(seed).choice(candidates, count, replace=False)
    return np.sort(chosen).astype(np.int32)


def trained(
    network: Any,
    batches: "Batches",
    measure: Callable[[], float] | None,
    options: TrainingOptions,
    run: RunOptions,
    *,
    handle: str,
    views: int,
    learned_from: Iterable[NDArray[Any]],
    measured_by: str = "NDCG@10",
    rows_rest: bool = False,
) -> tuple["Reached", "Checkpoints"]:
    """Train `network`, or go on where a run that was killed left it.

    views: how many an epoch reads. learned_from: arrays that together say what is learned from.
    The checkpoints are the caller's to remove, once all that came of the network is kept.
    Raises ModelError.
    """
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.checkpoints import Checkpoints, folder_of
    from generator.networks.training import TrainingPlan, train

    def say(text: str) -> None:
        run.say(f"{handle}: {text}")

    plan = TrainingPlan(
        epochs=options.passes_over(views),
        patience=options.patience,
        learning_rate=options.learning_rate,
        warm_up_epochs=options.warm_up_epochs,
        weight_decay=options.weight_decay,
        seed=run.seed,
        measured_by=measured_by,
        rows_rest=rows_rest,
    )
    folder = None
    if run.training_folder is not None:
        about = f"{VERSION} {handle} {run.seed} {options!r}"
        folder = folder_of(run.training_folder, handle, about, learned_from)
    checkpoints = Checkpoints(folder, say)
    reached = train(network, batches, plan, measure, checkpoints, progress=run.progress, say=say)
    return reached, checkpoints
