"""From pairs of users and courses to vectors and biases that were trained on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.metrics import root_mean_squared_error
from sklearn.utils.extmath import randomized_svd

from generator.models.network_training import (
    LEAST_HELD_OUT,
    ROWS_TO_REST,
    TrainingOptions,
    held_out_users,
    trained,
)
from generator.models.run_options import RunOptions
from generator.networks.factor_batches import PairBatches, Pairs
from generator.networks.loss_names import LossName

if TYPE_CHECKING:
    from generator.networks.factor_network import FactorNetwork

STANDARD_DEVIATION = 0.1
"""Of the numbers that vectors begin with."""
K = 10


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
    is_held_out = _held_out(amounts, run.seed)
    learned_from, held_out = pairs.where(~is_held_out), pairs.where(is_held_out)
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


def pairs_of(amounts: sp.csr_matrix) -> Pairs:
    users = np.repeat(np.arange(amounts.shape[0], dtype=np.int32), np.diff(amounts.indptr))
    return Pairs(users, amounts.indices.astype(np.int32), amounts.data.astype(np.float32))


def _held_out(amounts: sp.csr_matrix, seed: int) -> NDArray[np.bool_]:
    """bool [entries]: one of each chosen user's, by lot, of courses that others have too."""
    counts = np.diff(amounts.indptr).astype(np.int64)
    users = held_out_users(counts, seed)
    chosen = np.zeros(amounts.nnz, bool)
    lots = np.random.default_rng((seed, 1)).random(len(users))
    chosen[amounts.indptr[users] + (lots * counts[users]).astype(np.int64)] = True
    chosen &= np.bincount(amounts.indices, minlength=amounts.shape[1])[amounts.indices] > 1
    return chosen if chosen.sum() >= LEAST_HELD_OUT else np.zeros(amounts.nnz, bool)


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
        vectors = _singular_vectors(pairs, counts, plan.size, seed)
    nothing = np.zeros(shape[0], np.float32)
    return (
        FactorStart(vectors[0], nothing, counts[0]),
        FactorStart(vectors[1], biases, counts[1]),
    )


def _sides(pairs: Pairs) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return pairs.users, pairs.courses


def _singular_vectors(
    pairs: Pairs, counts: list[NDArray[np.int64]], size: int, seed: int
) -> list[NDArray[np.float32]]:
    """float32 [rows, size] of each side: of the pairs over the roots of their users' and courses'
    counts, where a network of vectors by lot is after several epochs. What the data has no numbers
    for is 0, and stays there."""
    scales = [1 / np.sqrt(np.maximum(of, 1)) for of in counts]
    shape = len(counts[0]), len(counts[1])
    entries = scales[0][pairs.users] * scales[1][pairs.courses]
    matrix = sp.csr_matrix((entries, _sides(pairs)), shape=shape)
    vectors = [np.zeros((rows, size), np.float32) for rows in shape]
    rank = min(size, min(shape) - 1)
    if rank < 1:
        return vectors
    left, strengths, right = randomized_svd(matrix, rank, random_state=seed)
    for side, singular in zip(vectors, (left, right.T), strict=True):
        begun = singular * np.sqrt(strengths)
        side[:, :rank] = begun * STANDARD_DEVIATION / max(float(begun.std()), 1e-12)
    return vectors


def _measure(
    network: "FactorNetwork", amounts: sp.csr_matrix, held_out: Pairs, loss: LossName
) -> Callable[[], float]:
    if loss == "squared":
        return lambda: (
            -root_mean_squared_error(held_out.amounts, _learned(network).scores(*_sides(held_out)))
        )

    def measure() -> float:
        """NDCG@10 of the one course held out, among all that the user has not viewed."""
        learned, gains = _learned(network), 0.0
        for user, course in zip(*_sides(held_out), strict=True):
            scores = learned.courses @ learned.users[user] + learned.course_biases
            wanted = scores[course]
            scores[amounts.indices[amounts.indptr[user] : amounts.indptr[user + 1]]] = -np.inf
            rank = int((scores > wanted).sum())
            gains += 1 / np.log2(rank + 2) if rank < K else 0.0
        return gains / len(held_out)

    return measure


def _learned(network: "FactorNetwork", epochs: int = 0, value: float = float("nan")) -> Factors:
    ours, theirs = network.users_side, network.courses_side
    return Factors(ours.vectors, theirs.vectors, ours.biases, theirs.biases, epochs, value)
