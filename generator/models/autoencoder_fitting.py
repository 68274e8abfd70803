"""From users' courses to an autoencoder that was trained on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.models.held_out_pairs import is_held_out, ndcg_of, pairs_of
from generator.models.network_training import ROWS_TO_REST, TrainingOptions, trained
from generator.models.run_options import RunOptions
from generator.networks.bag_batches import BagBatches, shares_of
from generator.networks.factor_batches import Pairs
from generator.networks.loss_names import LossName
from generator.networks.starts import singular_vectors

if TYPE_CHECKING:
    from generator.networks.autoencoder_network import AutoencoderNetwork

FIRST_SCORES = 0.15
"""Standard deviation of scores at the start, biases apart."""


@dataclass(frozen=True)
class AutoencoderPlan:
    size: int
    hidden_size: int
    loss: LossName
    negatives: int
    dropout: float
    most_kl: float
    anneal_epochs: float
    training: TrainingOptions


@dataclass(frozen=True)
class FittedAutoencoder:
    inputs: NDArray[np.float32]
    """float32 [courses, size]"""
    outputs: NDArray[np.float32]
    """float32 [courses, size + 1], the bias last."""
    graph: bytes
    """What makes a state of a sum of inputs, as ONNX."""
    epochs: int
    ndcg: float
    """NDCG@10 of what was held out; NaN where there was too little."""


def fitted_autoencoder(
    amounts: sp.csr_matrix, plan: AutoencoderPlan, run: RunOptions, *, handle: str
) -> FittedAutoencoder:
    """amounts: float32 [users, courses], an entry a pair: how much it counts.

    One course of some users is held out, to say which epoch was best: of so few that nothing needs
    to be learned again with them. Raises ModelError.
    """
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.backend import begin_anew
    from generator.networks.exported import exported

    pairs, apart = pairs_of(amounts), is_held_out(amounts, run.seed)
    learned_from = _matrix(pairs.where(~apart), amounts.shape)
    batches = BagBatches(learned_from, run.seed)
    begin_anew(run.seed)
    network = _network(learned_from, plan, round(plan.anneal_epochs * len(batches)), run.seed)
    measure = _measure(network, learned_from, pairs.where(apart)) if apart.any() else None
    reached, checkpoints = trained(
        network,
        batches,
        measure,
        plan.training,
        run,
        handle=handle,
        views=learned_from.nnz,
        learned_from=(amounts.indptr, amounts.indices, amounts.data),
        rows_rest=amounts.shape[1] >= ROWS_TO_REST and plan.loss != "softmax",
    )
    fitted = FittedAutoencoder(
        network.inputs_table.rows,
        network.outputs_table.rows,
        exported(network.asked()),
        reached.best_epoch,
        reached.best_value if measure else float("nan"),
    )
    checkpoints.remove()
    return fitted


def _network(
    amounts: sp.csr_matrix, plan: AutoencoderPlan, anneal_steps: int, seed: int
) -> "AutoencoderNetwork":
    from generator.networks.autoencoder_network import AutoencoderNetwork, AutoencoderStart
    from generator.networks.losses import Loss

    pairs = pairs_of(amounts)
    viewers = np.bincount(pairs.courses, minlength=amounts.shape[1])
    inputs, outputs = _starts(amounts, viewers, plan.size, seed)
    biases = np.log1p(np.asarray(amounts.sum(axis=0)).ravel()).astype(np.float32)
    start = AutoencoderStart(inputs, outputs, biases, plan.hidden_size)
    loss = Loss(plan.loss, viewers, plan.negatives, seed)
    return AutoencoderNetwork(start, loss, plan.dropout, plan.most_kl, anneal_steps, seed)


def _starts(
    amounts: sp.csr_matrix, viewers: NDArray[np.int64], size: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs and outputs, float32 [courses, size], of the filter that GF-CF calls ideal (Shen et
    al., CIKM 2021): the first singular vectors over, and times, the roots of courses' viewers.

    States are then as large as those of the standard normal, and scores as `FIRST_SCORES` says.
    """
    pairs = pairs_of(amounts)
    vectors = singular_vectors((pairs.users, pairs.courses), amounts.shape, size, seed).courses
    roots = np.sqrt(np.maximum(viewers, 1)).astype(np.float32)[:, None]
    inputs, outputs = vectors / roots, vectors * np.sqrt(roots)
    inputs /= _root_mean_square(shares_of(amounts) @ inputs)
    outputs *= np.float32(FIRST_SCORES / np.sqrt(size)) / _root_mean_square(outputs)
    return inputs, outputs


def _root_mean_square(numbers: NDArray[np.float32]) -> np.float32:
    return np.float32(max(float(np.sqrt(np.mean(numbers.astype(np.float64) ** 2))), 1e-12))


def _matrix(pairs: Pairs, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((pairs.amounts, (pairs.users, pairs.courses)), shape=shape)


def _measure(
    network: "AutoencoderNetwork", amounts: sp.csr_matrix, held_out: Pairs
) -> Callable[[], float]:
    asked: Any = network.asked()
    shares = shares_of(amounts)[held_out.users]

    def measure() -> float:
        sums = shares @ network.inputs_table.rows
        states = np.asarray(asked.predict_on_batch({"sums": sums}))
        state_of = dict(zip(held_out.users.tolist(), states, strict=True))
        outputs = network.outputs_table.rows
        return ndcg_of(
            held_out, amounts, lambda user: outputs[:, :-1] @ state_of[user] + outputs[:, -1]
        )

    return measure
