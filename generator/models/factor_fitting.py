"""From pairs of users and courses to vectors and biases that were trained on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.metrics import root_mean_squared_error

from generator.models.held_out_pairs import K, is_held_out, ndcg_of, pairs_of
from generator.models.network_training import ROWS_TO_REST, TrainingOptions, trained
from generator.models.run_options import RunOptions
from generator.networks.factor_batches import PairBatches, Pairs
from generator.networks.loss_names import LossName
from generator.networks.starts import STANDARD_DEVIATION, singular_vectors

if TYPE_CHECKING:
    from generator.networks.factor_network import FactorNetwork


@dataclass(frozen=True)
class FactorPlan:
    """What is to be trained."""

    size: int
    loss: LossName
    negatives: int
    reg: float
    bias_reg: float
    training: TrainingOptions


@dataclass(frozen=True)
class Factors:
    """What was learned: score of user u and course c is ``p_u q_c + b_u + b_c``."""

    users: NDArray[np.float32]
    """float32 [users, size]"""
    courses: NDArray[np.float32]
    """float32 [courses, size]"""
    user_biases: NDArray[np.float32]
    course_biases: NDArray[np.float32]
    epochs: int
    value: float
    """Of what was held out, as its loss is measured; NaN where there was too little."""

    def scores(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32, one for each pair."""
        products = np.einsum("ps,ps->p", self.users[users], self.courses[courses])
        scores: NDArray[np.float32] = (
            products + self.user_biases[users] + self.course_biases[courses]
        )
        return scores


def fitted_factors(
    amounts: sp.csr_matrix, plan: FactorPlan, run: RunOptions, *, handle: str
) -> Factors:
    """amounts: float32 [users, courses], an entry each pair; what it counts, or what it is.

    One course of some users is held out, to say which epoch was best: of so few that nothing needs
    to be learned again with them. Raises ModelError.
    """
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.backend import keras
    from generator.networks.factor_network import FactorNetwork
    from generator.networks.losses import Loss

    pairs = pairs_of(amounts)
    apart = is_held_out(amounts, run.seed)
    learned_from, held_out = pairs.where(~apart), pairs.where(apart)
    keras.utils.set_random_seed(run.seed)
    viewers = np.bincount(learned_from.courses, minlength=amounts.shape[1])
    starts = _starts(learned_from, amounts.shape, plan, run.seed)
    loss = Loss(plan.loss, viewers, plan.negatives, run.seed)
    network = FactorNetwork(*starts, loss, plan.reg, plan.bias_reg)
    measure = None
    if len(held_out):
        measure = _measure(network, amounts, held_out, plan.loss)
    reached, checkpoints = trained(
        network,
        PairBatches(learned_from, amounts.shape[1], run.seed),
        measure,
        plan.training,
        run,
        handle=handle,
        views=len(learned_from),
        learned_from=(amounts.indptr, amounts.indices, amounts.data),
        measured_by="-RMSE" if plan.loss == "squared" else f"NDCG@{K}",
        rows_rest=sum(amounts.shape) >= ROWS_TO_REST,
    )
    value = reached.best_value if measure else float("nan")
    learned = _learned(network, reached.best_epoch, value)
    checkpoints.remove()
    return learned


def _starts(pairs: Pairs, shape: tuple[int, int], plan: FactorPlan, seed: int) -> tuple[Any, Any]:
    """Biases at the mean of all amounts, or at the logarithm of how often each is chosen."""
    from generator.networks.factor_network import FactorStart

    counts = [
        np.bincount(of, minlength=size) for of, size in zip(_sides(pairs), shape, strict=True)
    ]
    random = np.random.default_rng(seed)
    vectors = [
        (STANDARD_DEVIATION * random.normal(size=(rows, plan.size))).astype(np.float32)
        for rows in shape
    ]
    if plan.loss == "squared":
        mean = float(pairs.amounts.mean(dtype=np.float64))
        biases = np.full(shape[1], mean, np.float32)
    else:
        weights = np.bincount(pairs.courses, pairs.amounts, minlength=shape[1])
        biases = np.log1p(weights).astype(np.float32)
        singular = singular_vectors(_sides(pairs), shape, plan.size, seed)
        vectors = [
            _as_large(side * np.sqrt(singular.strengths))
            for side in (singular.users, singular.courses)
        ]
    nothing = np.zeros(shape[0], np.float32)
    return (
        FactorStart(vectors[0], nothing, counts[0]),
        FactorStart(vectors[1], biases, counts[1]),
    )


def _sides(pairs: Pairs) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return pairs.users, pairs.courses


def _as_large(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same with the standard deviation that vectors begin with, columns of zeros apart."""
    filled = vectors[:, vectors.any(axis=0)]
    deviation = float(filled.std()) if filled.size else 1.0
    return vectors * np.float32(STANDARD_DEVIATION / max(deviation, 1e-12))


def _measure(
    network: "FactorNetwork", amounts: sp.csr_matrix, held_out: Pairs, loss: LossName
) -> Callable[[], float]:
    if loss == "squared":
        return lambda: (
            -root_mean_squared_error(held_out.amounts, _learned(network).scores(*_sides(held_out)))
        )

    def measure() -> float:
        now = _learned(network)
        return ndcg_of(
            held_out, amounts, lambda user: now.courses @ now.users[user] + now.course_biases
        )

    return measure


def _learned(network: "FactorNetwork", epochs: int = 0, value: float = float("nan")) -> Factors:
    ours, theirs = network.users_side, network.courses_side
    return Factors(ours.vectors, theirs.vectors, ours.biases, theirs.biases, epochs, value)
