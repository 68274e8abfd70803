"""From what is known of users and courses to factors of it that were trained on views."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.models.held_out_pairs import is_held_out, ndcg_of, pairs_of
from generator.models.network_training import ROWS_TO_REST, TrainingOptions, trained
from generator.models.run_options import RunOptions
from generator.networks.factor_batches import PairBatches, Pairs
from generator.networks.loss_names import LossName
from generator.networks.starts import STANDARD_DEVIATION

if TYPE_CHECKING:
    from generator.networks.fm_network import FmNetwork


@dataclass(frozen=True)
class FmData:
    amounts: sp.csr_matrix
    """float32 [users, courses]: how much each pair counts."""
    users: sp.csr_matrix
    """float32 [users, named]: named features of each."""
    courses: sp.csr_matrix
    """float32 [courses, named]: likewise, others."""
    before: sp.csr_matrix
    """int32 [users, courses]: 1 + the course taken up before."""


@dataclass(frozen=True)
class FmFactors:
    """What a user's features add to their vector, and what courses are."""

    users: NDArray[np.float32]
    """float32 [users, size], of who it is alone."""
    before: NDArray[np.float32]
    """float32 [courses, size], of the course taken up last."""
    named: NDArray[np.float32]
    """float32 [named, size]"""
    courses: NDArray[np.float32]
    """float32 [courses, size + 1], the bias last."""
    epochs: int
    ndcg: float
    """NDCG@10 of what was held out; NaN where there was too little."""


def fitted_fm(
    data: FmData,
    size: int,
    loss: LossName,
    negatives: int,
    reg: float,
    options: TrainingOptions,
    run: RunOptions,
    *,
    handle: str,
) -> FmFactors:
    """Train on the pairs of `data`; one course of some users is held out. Raises ModelError."""
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.backend import keras
    from generator.networks.feature_lists import FeatureLists
    from generator.networks.fm_batches import FmBatches
    from generator.networks.fm_network import FmNetwork
    from generator.networks.losses import Loss

    keras.utils.set_random_seed(run.seed)
    n_users, n_courses = data.amounts.shape
    pairs, apart = pairs_of(data.amounts), is_held_out(data.amounts, run.seed)
    learned_from, held_out = pairs.where(~apart), pairs.where(apart)
    data = replace(data, before=without_context(data.before, held_out))
    of_users = sp.hstack([sp.identity(n_users), data.users]).tocsr().astype(np.float32)
    first_before = of_users.shape[1]
    blank = sp.csr_matrix((n_courses, first_before + n_courses))
    of_courses = sp.hstack([blank, sp.identity(n_courses), data.courses]).tocsr()
    start, shares = _starts(data, learned_from, of_users, of_courses, size, run.seed)
    viewers = np.bincount(learned_from.courses, minlength=n_courses)
    network = FmNetwork(
        start,
        shares,
        FeatureLists.of(of_courses),
        Loss(loss, viewers, negatives, run.seed),
        reg,
    )
    user_lists = FeatureLists.of(of_users)
    batches = PairBatches(learned_from, n_courses, run.seed)
    measure = _measure(network, data, held_out) if len(held_out) else None
    reached, checkpoints = trained(
        network,
        FmBatches(batches, user_lists, data.before, first_before),
        measure,
        options,
        run,
        handle=handle,
        views=len(learned_from),
        learned_from=(
            *(data.amounts.indptr, data.amounts.indices, data.amounts.data),
            *(data.users.indptr, data.users.indices, data.courses.indptr, data.courses.indices),
            *(data.before.indptr, data.before.indices, data.before.data),
        ),
        rows_rest=len(start) >= ROWS_TO_REST and loss != "softmax",
    )
    factors = _factors(
        network, data, reached.best_epoch, reached.best_value if measure else float("nan")
    )
    checkpoints.remove()
    return factors


def without_context(before: sp.csr_matrix, held_out: Pairs) -> sp.csr_matrix:
    """The same without the courses held out: what came after one would say that it was taken up."""
    n_courses = before.shape[1]
    user = np.repeat(np.arange(before.shape[0], dtype=np.int64), np.diff(before.indptr))
    pair_before = user * n_courses + before.data - 1
    is_told = np.isin(pair_before, held_out.users.astype(np.int64) * n_courses + held_out.courses)
    untold = before.copy()
    untold.data[is_told] = 0
    untold.eliminate_zeros()
    return untold


def _starts(
    data: FmData,
    pairs: Pairs,
    of_users: sp.csr_matrix,
    of_courses: sp.csr_matrix,
    size: int,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The table, float32 [features, size + 1], and one over in how many examples each feature is.

    What is a user or a course alone begins at 0: where nothing is learned of it, it says nothing.
    """
    n_users, n_courses = data.amounts.shape
    first_course = of_users.shape[1] + n_courses
    random = np.random.default_rng(seed)
    table = STANDARD_DEVIATION * random.normal(size=(of_courses.shape[1], size + 1))
    table[:n_users] = table[first_course : first_course + n_courses] = table[:, -1] = 0
    viewers = np.bincount(pairs.courses, pairs.amounts, n_courses)
    table[first_course : first_course + n_courses, -1] = np.log1p(viewers)
    examples = np.zeros(len(table))
    examples[: of_users.shape[1]] = (of_users > 0).T @ np.bincount(pairs.users, minlength=n_users)
    examples += (of_courses > 0).T @ np.bincount(pairs.courses, minlength=n_courses)
    examples[of_users.shape[1] : first_course] = np.bincount(
        data.before.data - 1, minlength=n_courses
    )
    return table.astype(np.float32), (1 / np.maximum(examples, 1)).astype(np.float32)


def _factors(
    network: "FmNetwork", data: FmData, epochs: int = 0, ndcg: float = float("nan")
) -> FmFactors:
    table, (n_users, n_courses) = network.table[:, :-1], data.amounts.shape
    named, before = n_users + data.users.shape[1], n_users + data.users.shape[1] + n_courses
    courses = np.asarray(network.of_courses.every())
    return FmFactors(
        table[:n_users],
        table[named:before],
        table[n_users:named],
        np.delete(courses, -2, axis=1),
        epochs,
        ndcg,
    )


def _measure(network: "FmNetwork", data: FmData, held_out: Pairs) -> Callable[[], float]:
    before = np.asarray(data.before[held_out.users, held_out.courses]).ravel()

    def measure() -> float:
        now = _factors(network, data)
        states = now.users[held_out.users] + data.users[held_out.users] @ now.named
        states[before > 0] += now.before[before[before > 0] - 1]
        state_of = dict(zip(held_out.users.tolist(), states, strict=True))
        return ndcg_of(
            held_out,
            data.amounts,
            lambda user: now.courses[:, :-1] @ state_of[user] + now.courses[:, -1],
        )

    return measure
