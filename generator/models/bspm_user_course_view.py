"""A user's courses, blurred over the graph of views and sharpened again."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.decomposition import right_singular_vectors
from generator.models.islands import NOWHERE, IslandCandidates, Islands
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import PADDING, TopN, empty_top_n, ordered
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.kinds import KindName
from shared.records import ReasonKind

MAX_ROWS_PER_BLOCK = 512
ROWS_STEP = 128
NUMBERS_PER_SLICE = 2**20
BYTES_PER_NUMBER = 32
"""Of two vectors that are multiplied in float64, and how they come there."""
BYTES_PER_SCORE = 6 * 4
"""A score on its way through blurring, sharpening and ranking."""
BYTES_PER_LISTED = 96
"""An entry of a list, and the copies that ordering it takes."""
COPIES = 8
SPARE = 16
TINY = 1e-12


class BspmOptions(ModelOptions):
    embedding_size: Annotated[int, Searched(16, 512)] = Field(
        0,
        ge=0,
        le=4096,
        description="Singular vectors of the views that are kept; 0 takes a 24th of the users or "
        "courses, whichever are fewer, where a user has 48 views or more, a 6th where 12 or fewer, "
        "and from 16 to 512.",
    )
    low_pass_share: Annotated[float, Searched(0.0, 0.9)] = Field(
        0.8,
        ge=0,
        lt=1,
        description="Weight of what these vectors alone say, beside the graph's 1, as a share of "
        "the most that turns no list around: 1 / sharpening, and 1 where that is more.",
    )
    sharpening: Annotated[float, Searched(0.0, 6.0)] = Field(
        4.0, ge=0, description="How strongly what everybody's taste has in common is taken back."
    )
    reviews: bool = Field(True, description=REVIEWS_HELP)

    @property
    def low_pass(self) -> float:
        """The weight itself.

        Along V the filter is ``(x + low_pass) / (1 + sharpening * x)``, which grows with x, so that
        what most views agree on comes first, as long as low_pass * sharpening is below 1.
        """
        return self.low_pass_share / max(self.sharpening, 1)


class BspmUserCourseView(Model):
    """Blurring-sharpening process (Choi et al., SIGIR 2023): a graph filter without training.

    R holds the weights of `generator.dataset.evidence`, U and C the sums of its rows and columns,
    ``N = U^-1/2 R C^-1/2``, ``P = N'N``, and V its first right singular vectors. A user's row r is
    blurred over the graph, ``y = r P + low_pass * r C^-1/2 V V' C^1/2`` (the linear and the ideal
    low-pass filter of GF-CF, Shen et al., CIKM 2021), then sharpened, ``s = y (I + sharpening *
    P)^-1``: one implicit Euler step of the paper's heat equation backwards, which damps what most
    users share. The inverse is exact along V; beyond, where P is small, it is its best line.

    Assumes that courses near on the graph of views suit whoever took one up. V knows what is on an
    island of views (`generator.models.islands`), and says nothing across: knows users who share a
    course with somebody, and their courses, and lists for each what is on the same island. Score of
    a similar user: cosine of ``r C^-1/2 V``; of a similar course: cosine of the rows of V, each
    column times its singular value, which is P's cosine as far as V goes; of a course for a user:
    s, where only the order means something, and 0 is that of a course without any connection. A
    user who is folded in is another r. Cost: 4 products of a user's row with the views and 2 with
    V; in memory 8 * size bytes a user and course, and blocks of users x (users + courses) within
    the budget.
    """

    handle = "bspm_user_course_view"
    title = "Blurred and sharpened views (graph filter)"
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations", "similar_courses")
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"similar_users": "shared_courses"}
    Options = BspmOptions
    config: BspmOptions
    learned = ("_evidence", "_courses", "_roots", "_normed", "_vectors", "_eigenvalues")

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and what the decomposition keeps and copies of users and courses."""
        rows = len(dataset.users) + len(dataset.courses)
        views = dataset.view_seconds.nnz
        size = self._size(len(dataset.users), len(dataset.courses), views)
        return super().memory_bytes(dataset) + 4 * COPIES * size * rows

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        evidence = Evidence.of(dataset, self.config.reviews)
        self._evidence = evidence.learned
        weights = evidence.weights(dataset)
        # Whoever is alone is an eigenvector of their own, and would take a place in V.
        self._courses = np.flatnonzero(Islands(weights).of_course != NOWHERE).astype(np.int32)
        views = weights[:, self._courses].tocsr()
        by_user = np.asarray(views.sum(axis=1), np.float32).ravel()
        self._roots = np.sqrt(np.asarray(views.sum(axis=0), np.float32).ravel())
        inverse = np.divide(1, np.sqrt(by_user), where=by_user > 0, out=np.zeros_like(by_user))
        self._normed = (sp.diags(inverse) @ views @ sp.diags(1 / self._roots)).tocsr()
        viewers = int(np.count_nonzero(by_user))
        size = min(self._size(viewers, len(self._courses), views.nnz), *self._normed.shape)
        self._vectors = np.zeros((len(self._courses), size), np.float32)
        self._eigenvalues = np.zeros(size, np.float32)
        if size:
            singular, self._vectors = right_singular_vectors(
                self._normed, size, run.seed, run.progress
            )
            self._eigenvalues = singular**2

    def _size(self, users: int, courses: int, views: int) -> int:
        # Where users have many views, few tastes explain them: NDCG@10 .20 with 512 vectors of 671
        # users where 28 gave .31. Where they have few, what is beyond V says little.
        part = min(max(views // (2 * max(users, 1)), 6), 24)
        return self.config.embedding_size or min(max(min(users, courses) // part, 16), 512)

    def _prepare(self) -> None:
        weights = Evidence(**self._evidence).weights(self.dataset)
        self._views = weights[:, self._courses].tocsr()
        self._normed_by_course = self._normed.T.tocsr()
        islands = Islands(self._views)
        self._user_islands, self._place_islands = islands.of_user, islands.of_course
        self._place = np.full(len(self.dataset.courses), -1, np.int32)
        self._place[self._courses] = np.arange(len(self._courses))
        self._filter(self._vectors, self._eigenvalues)
        tastes: NDArray[np.float32] = self._views @ (self._vectors / self._roots[:, None])
        self._users = np.hstack([tastes, self._views @ self._vectors])
        self._user_directions = _directions(tastes)
        self._alike_users = cache(self._user_candidates)
        self._course_directions = _directions(self._vectors * np.sqrt(self._eigenvalues))
        self._alike_courses = cache(self._course_candidates)

    def _filter(self, vectors: NDArray[np.float32], eigenvalues: NDArray[np.float32]) -> None:
        r"""Everything along V as one product: what a user's row is projected on, and comes out as.

        The sharpening filter is a line beyond V, of which P r takes two products; along V the
        filter's distance from that line is added.

            filter                      beyond V: a line
              1 |\                        1 - slope * x
                | \__                   along V: exact
                |    \____                1 / (1 + sharpening * x)
              0 +-----------
                0  x of P   1
        """
        strength = self.config.sharpening
        # Least squares weighs the far end most: the line meets the curve at three quarters.
        far_end = float(eigenvalues.min(initial=1))
        self._slope = np.float32(strength / (1 + strength * 0.75 * far_end))
        along = 1 / (1 + strength * eigenvalues) - 1 + self._slope * eigenvalues
        spread = self.config.low_pass * vectors * self._roots[:, None]
        low = (
            spread
            - self._slope * self._blurred(spread)
            + vectors @ (along[:, None] * (vectors.T @ spread))
        )
        self._out = np.hstack([low, vectors * (along * eigenvalues)]).astype(np.float32)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        self._courses = carried.courses[self._courses]

    def _knows(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = self._user_islands != NOWHERE
        return knows

    def _knows_courses(self) -> NDArray[np.bool_]:
        knows = np.zeros(len(self.dataset.courses), bool)
        knows[self._courses] = self._place_islands != NOWHERE
        return knows

    def _user_candidates(self) -> IslandCandidates:
        users = self.known_users()
        return IslandCandidates(
            self._user_directions[users],
            users,
            self._user_islands[users],
            self._search.order("user"),
        )

    def _course_candidates(self) -> IslandCandidates:
        places = np.flatnonzero(self._place_islands != NOWHERE)
        islands = self._place_islands[places]
        return IslandCandidates(
            self._course_directions[places],
            self._courses[places],
            islands,
            self._search.order("course"),
        )

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        queries, islands = self._user_directions[users], self._user_islands[users]
        candidates = self._alike_users()
        return self._search.nearest_on_islands(
            "similar_users", users, queries, islands, candidates, n
        )

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        places = self._place[courses]
        queries, islands = self._course_directions[places], self._place_islands[places]
        candidates = self._alike_courses()
        return self._search.nearest_on_islands(
            "similar_courses", courses, queries, islands, candidates, n
        )

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(users), n)

        def rank(rows: slice) -> None:
            top.indices[rows], top.scores[rows] = self._ranked(users[rows], n)

        # All products keep to one core, so blocks run side by side.
        with ThreadPoolExecutor(self.run.threads) as threads:
            list(threads.map(rank, self._blocks(len(users), n + SPARE)))
        return top

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        places = self._place[courses]
        scores = np.full(courses.shape, np.nan, np.float32)
        for rows in self._blocks(len(users), courses.shape[1]):
            predicted = self._beyond(self._views[users[rows]])
            predicted += self._along(users[rows])
            scores[rows] = np.take_along_axis(predicted, np.maximum(places[rows], 0), axis=1)
        same = self._place_islands[places] == self._user_islands[users][:, None]
        return np.where(same & (places >= 0), scores, np.float32(np.nan))

    def _blocks(self, rows: int, listed: int) -> Iterator[slice]:
        fixed = 4 * ROWS_STEP * len(self._courses) + BYTES_PER_NUMBER * NUMBERS_PER_SLICE
        budget = self.run.memory_budget_bytes // self.run.threads - fixed
        scores = (len(self._courses) + self._normed.shape[0]) * BYTES_PER_SCORE
        bytes_per_row = scores + listed * BYTES_PER_LISTED
        step = min(MAX_ROWS_PER_BLOCK, max(1, budget // bytes_per_row))
        return (slice(start, start + step) for start in range(0, rows, step))

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        shared = shared_features(self._views[subjects], self._views, listed)
        return shared.renumbered(self._courses)

    def _ranked(self, users: NDArray[np.int32], n: int) -> TopN:
        beyond = self._beyond(self._views[users])
        scores = self._along(users)
        scores += beyond
        scores[self._user_islands[users][:, None] != self._place_islands] = -np.inf
        ties = self._search.ties("recommendations", users)
        top = top_n_of_scores(
            scores,
            n + SPARE,
            ties=ties,
            exclude=self._search.unlisted("recommendations", users)[:, self._courses],
            indices=self._courses,
        )
        # Again in float64, since float32 products differ in their last bits with the block.
        row, column = np.nonzero(top.indices != PADDING)
        place = self._place[top.indices[row, column]]
        exact = np.zeros(top.indices.shape, np.float64)
        step = max(1, NUMBERS_PER_SLICE // self._out.shape[1])
        for start in range(0, len(row), step):
            pairs = slice(start, start + step)
            ours = self._users[users[row[pairs]]].astype(np.float64)
            along = np.einsum("ps,ps->p", ours, self._out[place[pairs]].astype(np.float64))
            exact[row[pairs], column[pairs]] = beyond[row[pairs], place[pairs]] + along
        ranked = ordered(TopN(top.indices, exact.astype(np.float32)), ties)
        return TopN(ranked.indices[:, :n], ranked.scores[:, :n])

    def _along(self, users: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 [users, courses]: what V adds to the scores.

        Rows are filled up to a multiple, since BLAS adds up in another order in small and odd
        shapes, and scores must not depend on who else is asked for.
        """
        rows = np.zeros((-(-len(users) // ROWS_STEP) * ROWS_STEP, self._out.shape[1]), np.float32)
        rows[: len(users)] = self._users[users]
        along: NDArray[np.float32] = (rows @ self._out.T)[: len(users)]
        return along

    def _beyond(self, rows: sp.csr_matrix) -> NDArray[np.float32]:
        """r (P - slope * P P), float32 [rows, courses]."""
        once = (self._normed @ rows.T).toarray()
        twice = self._normed @ (self._normed_by_course @ once)
        return np.ascontiguousarray((self._normed_by_course @ (once - self._slope * twice)).T)

    def _blurred(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """P times float32 [courses, any]."""
        blurred: NDArray[np.float32] = self._normed_by_course @ (self._normed @ columns)
        return blurred


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, TINY)).astype(np.float32)
