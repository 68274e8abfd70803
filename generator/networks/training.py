"""How networks are trained: warm-up and decay, a cut to stop by, and no epoch lost to a kill."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Any, Protocol

from generator.networks.backend import IS_TENSORFLOW, keras
from generator.networks.checkpoints import Checkpoints, Reached
from shared.errors import ModelError

LEAST_RATE = 0.05
"""What is left of the learning rate at the end, of what it was."""
CLIP = 5.0


class Batches(Protocol):
    """Batches of an epoch, the same ones whenever they are asked for."""

    def __len__(self) -> int: ...

    def of_epoch(self, epoch: int) -> Iterator[tuple[Any, Any]]: ...


@dataclass(frozen=True)
class TrainingPlan:
    epochs: int
    patience: int
    """So many epochs without a better one are the end."""
    learning_rate: float
    warm_up_epochs: float
    weight_decay: float
    seed: int
    jit_compile: bool = False
    rows_rest: bool = False
    """Whether of a table only the rows that a batch reads are moved; TensorFlow alone can do so,
    and without XLA."""
    measured_by: str = "NDCG@10"
    """What the measure is called."""


def train(
    network: Any,
    batches: Batches,
    plan: TrainingPlan,
    measure: Callable[[], float] | None,
    checkpoints: Checkpoints,
    *,
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
) -> Reached:
    """Train `network`, and leave it with the weights of its best epoch.

    measure: how good it is now on what was held out, to be made large; without one every epoch is
    better than the one before. What `checkpoints` kept of the same training is gone on with.

    Raises ModelError if the loss is no number any more.
    """
    compile_network(network, plan, len(batches))
    reached = checkpoints.restore(network)
    if reached.epochs:
        say(f"Training goes on after epoch {reached.epochs}.")
    for epoch in range(reached.epochs, plan.epochs):
        if epoch - reached.best_epoch >= plan.patience:
            break
        loss = _epoch(network, batches, epoch, plan, progress)
        value = float(epoch) if measure is None else measure()
        reached = reached.after(epoch + 1, value)
        checkpoints.keep(network, reached)
        say(_told(reached, loss, plan, measure is not None))
    progress(plan.epochs * len(batches), plan.epochs * len(batches))
    checkpoints.restore_best(network)
    return reached


def compile_network(network: Any, plan: TrainingPlan, steps: int) -> None:
    """AdamW (Loshchilov & Hutter 2019), the rate rising at first and falling as a cosine."""
    warm_up = round(plan.warm_up_epochs * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        plan.learning_rate / 10 if warm_up else plan.learning_rate,
        max(plan.epochs * steps - warm_up, 1),
        alpha=LEAST_RATE,
        warmup_target=plan.learning_rate if warm_up else None,
        warmup_steps=warm_up,
    )
    if plan.rows_rest and IS_TENSORFLOW:
        from generator.networks.lazy_adam import LazyAdamW

        optimizer = LazyAdamW(rate, plan.weight_decay, CLIP)
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay, clipnorm=CLIP)
    # Numbers that appear while a step is traced would have it traced again.
    optimizer.build(network.trainable_variables)
    network.compile(optimizer, jit_compile=plan.jit_compile)


def _epoch(
    network: Any,
    batches: Batches,
    epoch: int,
    plan: TrainingPlan,
    progress: Callable[[int, int], None],
) -> float:
    """The mean loss of an epoch's batches."""
    _reseed(network, plan.seed, epoch)
    losses = []
    for step, (inputs, targets) in enumerate(batches.of_epoch(epoch), start=1):
        network.reset_metrics()
        losses.append(float(network.train_on_batch(inputs, targets)))
        if not isfinite(losses[-1]):
            raise ModelError(
                f"Training failed: after step {step} of epoch {epoch + 1} the loss is no number. "
                f"Lower learning_rate, which is {plan.learning_rate:g}."
            )
        progress(epoch * len(batches) + step, plan.epochs * len(batches))
    return fmean(losses)


def _reseed(network: Any, seed: int, epoch: int) -> None:
    """What is drawn in an epoch depends on its number alone, so that one can go on from it."""
    states = [v for v in network.variables if v.path.endswith("seed_generator_state")]
    for place, state in enumerate(states):
        state.assign([seed + place, epoch])


def _told(reached: Reached, loss: float, plan: TrainingPlan, is_measured: bool) -> str:
    measured = (
        f", {plan.measured_by} {reached.value:.4f} on what was held out" if is_measured else ""
    )
    return f"epoch {reached.epochs} of at most {plan.epochs}: loss {loss:.4f}{measured}"
