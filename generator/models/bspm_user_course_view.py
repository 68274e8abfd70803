"""A user's courses, blurred over the graph of views and sharpened again."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from generator.dataset.dataset import Dataset, Input
from generator.dataset.view_weights import view_weights
from generator.models.base import Model, RunOptions, Task
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import PADDING, TopN, empty_top_n, ordered
from generator.nearest.votes import themselves
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.records import ReasonKind

MAX_ROWS_PER_BLOCK = 512
BYTES_PER_SCORE = 6 * 4
"""A score on its way through blurring, sharpening and ranking."""
SVD_ITERATIONS = 8
COPIES = 8
SPARE = 16
TINY = 1e-12


@dataclass(frozen=True)
class BspmConfig:
    embedding_size: int = field(
        default=512, metadata={"help": "Singular vectors of the views that are kept."}
    )
    low_pass: float = field(
        default=0.2,
        metadata={
            "help": "Weight of what these vectors alone say, beside the graph's 1.",
            "search": (0.0, 1.0),
        },
    )
    sharpening: float = field(
        default=4.0,
        metadata={
            "help": "How strongly what everybody's taste has in common is taken back.",
            "search": (0.0, 6.0),
        },
    )

    def __post_init__(self) -> None:
        if not 1 <= self.embedding_size <= 4096:
            raise ValueError(
                f"embedding_size must be from 1 to 4096. Received: {self.embedding_size!r}"
            )
        for name in ("low_pass", "sharpening"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(
                    f"{name} must be 0 or more, and finite. Received: {getattr(self, name)!r}"
                )


class BspmUserCourseView(Model):
    """Blurring-sharpening process (Choi et al., SIGIR 2023): a graph filter without training.

    R holds the damped view times of `view_weights`, U and C the sums of its rows and columns,
    ``N = U^-1/2 R C^-1/2``, ``P = N'N``, and V its first right singular vectors. A user's row r is
    blurred over the graph, ``y = r P + low_pass * r C^-1/2 V V' C^1/2`` (the linear and the ideal
    low-pass filter of GF-CF, Shen et al., CIKM 2021), then sharpened, ``s = y (I + sharpening *
    P)^-1``: one implicit Euler step of the paper's heat equation backwards, which damps what most
    users share. The inverse is exact along V; beyond, where P is small, it is its best line.

    Knows users with some view time, and lists courses that anybody spent time on. Score of a user:
    cosine of ``r C^-1/2 V``; of a course: s, where only the order means something. Cost: 4
    products of a user's row with the views and 2 with V; in memory 8 * size bytes a user and
    course, and blocks of users x (users + courses) within the budget.
    """

    handle = "bspm_user_course_view"
    title = "Blurred and sharpened views (graph filter)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {"similar_users": "shared_courses"}
    Config = BspmConfig
    config: BspmConfig

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and what the decomposition keeps and copies of users and courses."""
        rows = len(dataset.users) + len(dataset.courses)
        return super().memory_bytes(dataset) + 4 * COPIES * self.config.embedding_size * rows

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        weights = view_weights(dataset.view_seconds)
        self._courses = np.unique(weights.indices).astype(np.int32)
        self._views = weights[:, self._courses].tocsr()
        by_user = np.asarray(self._views.sum(axis=1), np.float32).ravel()
        by_course = np.asarray(self._views.sum(axis=0), np.float32).ravel()
        self._viewers: NDArray[np.bool_] = by_user > 0
        inverse = np.divide(1, np.sqrt(by_user), where=self._viewers, out=np.zeros_like(by_user))
        self._roots = np.sqrt(by_course)
        self._normed = (sp.diags(inverse) @ self._views @ sp.diags(1 / self._roots)).tocsr()
        self._normed_by_course = self._normed.T.tocsr()
        with threadpool_limits(run.threads, user_api="blas"):
            _, singular, vectors = randomized_svd(
                self._normed,
                min(self.config.embedding_size, *self._normed.shape),
                n_iter=SVD_ITERATIONS,
                power_iteration_normalizer="QR",
                random_state=run.seed,
            )
        self._filter(vectors.T.astype(np.float32), singular**2)
        run.progress(1, 1)

    def _filter(self, vectors: NDArray[np.float32], eigenvalues: NDArray[np.float32]) -> None:
        """Everything along V as one product: what a user's row is projected on, and comes out as.

        The sharpening filter is a line beyond V, of which P r takes two products; along V the
        filter's distance from that line is added.
        """
        strength = self.config.sharpening
        # Least squares weighs the far end most: the line meets the curve at three quarters.
        self._slope = np.float32(strength / (1 + strength * 0.75 * float(eigenvalues[-1])))
        along = 1 / (1 + strength * eigenvalues) - 1 + self._slope * eigenvalues
        spread = self.config.low_pass * vectors * self._roots[:, None]
        low = (
            spread
            - self._slope * self._blurred(spread)
            + vectors @ (along[:, None] * (vectors.T @ spread))
        )
        tastes: NDArray[np.float32] = self._views @ (vectors / self._roots[:, None])
        viewers = np.flatnonzero(self._viewers).astype(np.int32)
        lengths = np.linalg.norm(tastes[viewers], axis=1, keepdims=True)
        self._directions = DenseCandidates(tastes[viewers] / np.maximum(lengths, TINY), viewers)
        self._users = np.hstack([tastes, self._views @ vectors])
        self._out = np.hstack([low, vectors * (along * eigenvalues)]).astype(np.float32)

    def _knows(self) -> NDArray[np.bool_]:
        return self._viewers

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return top_n_dense(
            self._directions.of(users),
            self._directions,
            n,
            exclude=themselves(users, len(self.dataset.users)),
            threads=self.run.threads,
            memory_budget_bytes=self.run.memory_budget_bytes,
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(users), n)

        def rank(rows: slice) -> None:
            top.indices[rows], top.scores[rows] = self._ranked(users[rows], n)

        # scipy's products keep to one core, so blocks run side by side, each with its own BLAS.
        with (
            threadpool_limits(1, user_api="blas"),
            ThreadPoolExecutor(self.run.threads) as threads,
        ):
            list(threads.map(rank, self._blocks(len(users))))
        return top

    def _blocks(self, rows: int) -> Iterator[slice]:
        budget = self.run.memory_budget_bytes // self.run.threads
        bytes_per_row = (len(self._courses) + len(self._viewers)) * BYTES_PER_SCORE
        step = min(MAX_ROWS_PER_BLOCK, max(1, budget // bytes_per_row))
        return (slice(start, start + step) for start in range(0, rows, step))

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        found = shared_features(self._views[users], self._views, listed)
        return found.renumbered(self._courses)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        beyond = self._beyond(self._views[users])
        scores: NDArray[np.float32] = self._users[users] @ self._out.T
        top = top_n_of_scores(
            scores + beyond,
            n + SPARE,
            exclude=self.dataset.seen[users][:, self._courses],
        )
        # Again in float64, since float32 products differ in their last bits with the block.
        rows = np.arange(len(users))[:, None]
        finalists = self._out[top.indices].astype(np.float64)
        along = np.einsum("rs,rfs->rf", self._users[users], finalists)
        ranked = ordered(TopN(top.indices, beyond[rows, top.indices] + along))
        places = ranked.indices[:, :n]
        listed = np.where(places == PADDING, PADDING, self._courses[places])
        return TopN(listed, ranked.scores[:, :n])

    def _beyond(self, rows: sp.csr_matrix) -> NDArray[np.float32]:
        """r (P - slope * P P), float32 [rows, courses]."""
        once = (self._normed @ rows.T).toarray()
        twice = self._normed @ (self._normed_by_course @ once)
        return np.ascontiguousarray((self._normed_by_course @ (once - self._slope * twice)).T)

    def _blurred(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """P times float32 [courses, any]."""
        blurred: NDArray[np.float32] = self._normed_by_course @ (self._normed @ columns)
        return blurred
