"""From what each user took up first to a network that was trained to go on from there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.models.held_out_pairs import ndcg_of
from generator.models.network_training import (
    ROWS_TO_REST,
    TrainingOptions,
    held_out_users,
    trained,
)
from generator.models.run_options import RunOptions
from generator.networks.factor_batches import Pairs
from generator.networks.feature_lists import FeatureLists
from generator.networks.loss_names import LossName
from generator.networks.sequences import COURSES, Sequences
from generator.networks.starts import co_occurrence_start
from generator.networks.task_batches import (
    NEXT,
    TASKS_PER_USER,
    TaskBatches,
    Tasks,
    given_of,
    known_before,
    next_after,
    stages_of,
)

if TYPE_CHECKING:
    from generator.networks.checkpoints import Checkpoints, Reached
    from generator.networks.losses import Loss
    from generator.networks.maml_network import MamlNetwork, MamlStart

FIRST_SCALE = 0.15
"""Root of the mean square of the numbers of courses, at the start."""
NOISE = 0.1
"""Of little data, numbers that it does not fill are to say little, and yet to learn."""
AGE_DECAY = 0.8
TASKS_MEASURED_AT_ONCE = 1024
PRIOR_USERS = 3.0
"""The popularity of a stage is shrunk to that of all stages, as if by so many users."""


@dataclass(frozen=True)
class MamlPlan:
    size: int
    most_known: int
    steps: int
    rate: float
    rivals: int
    first_order: bool
    dropout: float
    loss: LossName
    negatives: int
    training: TrainingOptions


@dataclass(frozen=True)
class FittedMaml:
    features: NDArray[np.float32]
    """float32 [features, size]: what each adds to where a user begins."""
    stages: NDArray[np.float32]
    """float32 [stages, size], likewise."""
    ages: NDArray[np.float32]
    """float32 [stages, most_known]: how much known courses count, the latest one first."""
    inputs: NDArray[np.float32]
    """float32 [courses, size]"""
    outputs: NDArray[np.float32]
    """float32 [courses, size + stages]"""
    rates: NDArray[np.float32]
    """float32 [steps, size]"""
    graph: bytes
    """What adapts, as ONNX."""
    epochs: int
    ndcg: float
    """NDCG@10 of what held-out users took up next; NaN where there were too few."""


def fitted_maml(
    sequences: Sequences,
    features: sp.csr_matrix,
    courses: int,
    plan: MamlPlan,
    run: RunOptions,
    *,
    handle: str,
) -> FittedMaml:
    """Train on users as tasks; some are held out whole, to say which epoch was best.

    features: float32 [users, features]. courses: how many there are in `sequences`, one at least.
    Raises ModelError.
    """
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.exported import exported
    from generator.networks.maml_network import MamlNetwork

    data = sequences, features, courses
    network, reached, checkpoints = trained_on_tasks(MamlNetwork, *data, plan, run, handle=handle)
    fitted = FittedMaml(
        network.features_table.rows,
        network.stages_table.rows,
        network.ages_table.rows,
        network.inputs_table.rows,
        network.outputs.rows,
        np.asarray(network.rates.value),
        exported(network.asked()),
        reached.best_epoch,
        reached.best_value,
    )
    checkpoints.remove()
    return fitted


def trained_on_tasks(
    network_of: "Callable[[MamlStart, Loss, float, bool, int], MamlNetwork]",
    sequences: Sequences,
    features: sp.csr_matrix,
    courses: int,
    plan: MamlPlan,
    run: RunOptions,
    *,
    handle: str,
) -> "tuple[MamlNetwork, Reached, Checkpoints]":
    """As `fitted_maml`, any network that makes states of what its own makes states of.

    The best value reached is NaN where too few users are there to be held out.
    """
    from generator.networks.backend import begin_anew
    from generator.networks.losses import Loss

    held_out = held_out_users(sequences.lengths, run.seed)
    learned_from = np.setdiff1d(np.flatnonzero(sequences.lengths), held_out).astype(np.int32)
    lists = FeatureLists.of(features)
    batches = TaskBatches(sequences, learned_from, lists, plan.most_known, run.seed)
    begin_anew(run.seed)
    start = maml_start(sequences, learned_from, features.shape[1], courses, plan, run.seed)
    viewers = np.bincount(sequences.steps[COURSES] - 1, minlength=courses)
    loss = Loss(plan.loss, viewers, plan.negatives, run.seed)
    network = network_of(start, loss, plan.dropout, plan.first_order, run.seed)
    measure = None
    if len(held_out):
        measure = _measure(network, sequences, held_out, lists, plan, run.seed)
    reached, checkpoints = trained(
        network,
        batches,
        measure,
        plan.training,
        run,
        handle=handle,
        views=NEXT * TASKS_PER_USER * len(learned_from),
        learned_from=(
            *(sequences.offsets, sequences.steps[COURSES]),
            *(features.indptr, features.indices, features.data),
        ),
        measured_by="NDCG@10 of newcomers",
        rows_rest=courses >= ROWS_TO_REST and plan.loss != "softmax",
    )
    if measure is None:
        reached = replace(reached, best_value=float("nan"))
    return network, reached, checkpoints


def maml_start(
    sequences: Sequences,
    users: NDArray[np.int32],
    features: int,
    courses: int,
    plan: MamlPlan,
    seed: int,
) -> "MamlStart":
    """Vectors at what is taken up near each other, biases at what is popular at each stage."""
    from generator.networks.maml_network import MamlStart

    counts = _counts_by_stage(sequences, users, courses, plan.most_known)
    vectors = co_occurrence_start(sequences, courses, plan.size, seed, noise=NOISE)
    vectors *= np.float32(FIRST_SCALE) / np.sqrt(np.mean(vectors**2) + 1e-12)
    early = counts[:-1].sum(axis=0)
    rivals = np.argsort(-early, kind="stable")[: plan.rivals].astype(np.int32)
    return MamlStart(
        vectors,
        vectors,
        _biases(counts),
        _first_ages(plan.most_known),
        rivals,
        np.log1p(early[rivals]).astype(np.float32),
        features,
        np.full((plan.steps, plan.size), plan.rate, np.float32),
    )


def _counts_by_stage(
    sequences: Sequences, users: NDArray[np.int32], courses: int, most_known: int
) -> NDArray[np.float64]:
    """float64 [stages, courses]: by how many users each is taken up next; later, or at all."""
    counts = np.zeros((most_known + 2, courses))
    for stage in range(most_known + 1):
        there = users[sequences.lengths[users] > stage]
        following = next_after(sequences, Tasks(there, np.full(len(there), stage)))
        counts[stage] = np.bincount(following.ravel(), minlength=1 + courses)[1:]
    counts[-1] = np.bincount(sequences.steps[COURSES] - 1, minlength=courses)
    return counts


def _biases(counts: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 [courses, stages]: logarithms of shrunk shares, 0 for one that is average."""
    courses = counts.shape[1]
    whole = (counts[-1] + 1 / courses) / (counts[-1].sum() + 1)
    prior = PRIOR_USERS * NEXT
    shares = (counts + prior * whole) / (counts.sum(axis=1, keepdims=True) + prior)
    biases: NDArray[np.float32] = np.log(shares * courses).T.astype(np.float32)
    return biases


def _first_ages(most_known: int) -> NDArray[np.float32]:
    """float32 [stages, most_known]: each course counts less than the one after it, and several
    the root of their number."""
    ages = np.arange(most_known)
    stages = np.minimum(np.arange(most_known + 2), most_known)[:, None]
    weights = np.where(ages < stages, AGE_DECAY**ages, 0)
    lengths = np.sqrt((weights**2).sum(axis=1, keepdims=True))
    shared: NDArray[np.float32] = (weights / np.maximum(lengths, 1e-12)).astype(np.float32)
    return shared


def _measure(
    network: "MamlNetwork",
    sequences: Sequences,
    users: NDArray[np.int32],
    lists: FeatureLists,
    plan: MamlPlan,
    seed: int,
) -> Callable[[], float]:
    """Of one of the next courses, by lot, of each of these users at each stage but the last."""
    stage = np.tile(np.arange(plan.most_known + 1), len(users))
    people = np.repeat(users, plan.most_known + 1)
    reached = sequences.lengths[people] > stage
    tasks = Tasks(people[reached], stage[reached])
    known, following = (
        known_before(sequences, tasks, plan.most_known),
        next_after(sequences, tasks),
    )
    lots = np.random.default_rng((seed, 1)).random(len(tasks))
    wanted = (lots * (following > 0).sum(axis=1)).astype(np.int64)
    rows = np.arange(len(tasks), dtype=np.int32)
    courses = following[rows, wanted] - 1
    pairs = Pairs(rows, courses.astype(np.int32), np.ones(len(tasks), np.float32))
    row, place = np.nonzero(known)
    shape = len(tasks), len(network.outputs.rows)
    seen = sp.csr_matrix((np.ones(len(row), bool), (row, known[row, place] - 1)), shape=shape)
    stages = stages_of(tasks.cuts, plan.most_known)
    parts = [
        given_of(lists, 1 + tasks.users[part], known[part], stages[part])
        for part in np.array_split(rows, -(-len(rows) // TASKS_MEASURED_AT_ONCE))
    ]

    def measure() -> float:
        states = np.concatenate([np.asarray(network(part)) for part in parts])
        outputs = network.outputs.rows
        return ndcg_of(pairs, seen, lambda task: outputs @ states[task])

    return measure
