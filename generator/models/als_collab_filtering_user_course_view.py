"""Users and courses as points in one space, found by alternating least squares."""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from implicit.recommender_base import ModelFitError
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.evidence import REVIEWS_HELP, Evidence
from generator.dataset.few_users import FewUsers
from generator.models.als_alpha import ALPHAS, Factors, chosen_alpha
from generator.models.carried import Carried
from generator.models.islands import NOWHERE, Islands
from generator.models.options import ModelOptions, Searched
from generator.models.run_options import RunOptions
from generator.models.two_sides import TwoSides, islands_of
from generator.reasons.least_squares import Contributions
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.errors import ModelError
from shared.kinds import Entity, KindName
from shared.records import ReasonKind

REHEARSED_EPOCHS = 5
REHEARSED_SIZE = 0.5
"""Of the size that is fitted: enough to tell which alpha is better, at a third of the time."""
LEAST_SIZE, MOST_SIZE = 8, 128


class AlsOptions(ModelOptions):
    embedding_size: Annotated[int, Searched(16, 256)] = Field(
        0,
        ge=0,
        le=4096,
        description="Numbers that describe a user or a course; 0 takes sqrt(viewed pairs) / 4, "
        "from 8 to 128.",
    )
    reg: Annotated[float, Searched(1.0, 200.0)] = Field(
        20.0, gt=0, description="Pull of every factor towards zero: raise it where views are few."
    )
    alpha: Annotated[float, Searched(0.1, 100.0)] = Field(
        0.0,
        ge=0,
        description="How much surer of a viewed course than of an unviewed one: a view of average "
        "weight counts 1 + alpha times. 0 tries 40, 10, 4, 1 and .25 on views held out.",
    )
    epochs: int = Field(15, ge=1, le=1000, description="Passes over all users and all courses.")
    reviews: bool = Field(True, description=REVIEWS_HELP)


class AlsUserCourseView(TwoSides):
    """Implicit-feedback matrix factorisation (Hu, Koren & Volinsky 2008), by `implicit`.

    A view of t seconds weighs ``w = ln(1 + t / 60)``, divided by the mean over all views, and with
    `reviews` times what the user's rating makes of it (`generator.dataset.evidence`). Every
    user and course gets a vector such that the inner product is near 1 for a viewed pair and near
    0 for any other; a viewed pair's error counts ``1 + alpha * w`` times, another's once. (The
    library multiplies by alpha alone, so that a short view would count less than none: hence the
    confidences are computed here.) 0 seconds are no evidence. Unless alpha is given, it is 40 where
    views are few among all pairs, and as much lower as finds more of some users' views again
    (`generator.models.als_alpha`).

    Assumes that a few hidden tastes explain the views, and so says nothing across islands of views
    (`generator.models.islands`): knows users who share a course with somebody, and their courses,
    and lists for each what is on the same island. Score of a similar user or course: cosine of the
    two vectors; of a pair of user and course: inner product, about 0 to 1. A user who is folded in
    gets the vector that solves the paper's equation 4 for the courses' vectors. Cost: epochs *
    (views * size + (users + courses) * size ** 2) multiplications times a small constant; in memory
    4 * size bytes a user and course.
    """

    handle = "als_collab_filtering_user_course_view"
    title = "Hidden tastes (matrix factorisation)"
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    wants: ClassVar[tuple[Input, ...]] = ("ratings",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {
        "similar_users": "shared_courses",
        "recommendations": "watched_courses",
    }
    Options = AlsOptions
    config: AlsOptions
    learned = ("_evidence", "_alpha", "_user_factors", "_course_factors")

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the factors: six copies of each once all kinds are listed."""
        size = self._size(dataset.view_seconds.nnz)
        numbers = 6 * size * (len(dataset.users) + len(dataset.courses))
        return super().memory_bytes(dataset) + 4 * numbers

    @property
    def measures(self) -> Mapping[str, float]:
        """The alpha that was fitted with, chosen or given."""
        return {"alpha": self._alpha}

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        evidence = Evidence.of(dataset, self.config.reviews)
        self._evidence = evidence.learned
        weights = evidence.weights(dataset)
        islands = Islands(weights)
        users = np.flatnonzero(islands.of_user != NOWHERE)
        courses = np.flatnonzero(islands.of_course != NOWHERE)
        size = self._size(dataset.view_seconds.nnz)
        # Zeros stand for what nothing was learned of.
        self._user_factors = np.zeros((len(dataset.users), size), np.float32)
        self._course_factors = np.zeros((len(dataset.courses), size), np.float32)
        self._alpha = self.config.alpha or ALPHAS[0]
        if len(users):
            known, passes = weights[users][:, courses], 0
            if not self.config.alpha:
                self._alpha, passes = self._rehearsed_alpha(known, size, run)
            total = passes + self.config.epochs
            self._user_factors[users], self._course_factors[courses] = self._factorised(
                known,
                self._alpha,
                size,
                self.config.epochs,
                run,
                lambda epoch: run.progress(passes + epoch, total),
            )

    def _rehearsed_alpha(
        self, weights: sp.csr_matrix, size: int, run: RunOptions
    ) -> tuple[float, int]:
        """The alpha, and how many passes it took to choose it."""
        total = len(ALPHAS) * REHEARSED_EPOCHS + self.config.epochs
        smaller = max(round(REHEARSED_SIZE * size), LEAST_SIZE)
        passes = 0

        def factorise(views: sp.csr_matrix, alpha: float) -> Factors:
            nonlocal passes
            before, passes = passes, passes + REHEARSED_EPOCHS
            return self._factorised(
                views,
                alpha,
                smaller,
                REHEARSED_EPOCHS,
                run,
                lambda epoch: run.progress(before + epoch, total),
            )

        return chosen_alpha(weights, factorise, run.seed), passes

    def _confidences_in(self, dataset: Dataset) -> sp.csr_matrix:
        """float32 [users, courses]: ``1 + alpha * w`` of each view."""
        return _confidences(Evidence(**self._evidence).weights(dataset), self._alpha)

    @property
    def embedding_size(self) -> int:
        """The size that was fitted with, chosen or given."""
        return int(self._course_factors.shape[1])

    def _size(self, viewed_pairs: int) -> int:
        # Few views cannot fill many factors: 128 of them on 8,000 views did no better than
        # popularity, while 1 million views gain little beyond 128.
        return self.config.embedding_size or min(
            max(math.isqrt(viewed_pairs) // 4, LEAST_SIZE), 128
        )

    def _factorised(
        self,
        weights: sp.csr_matrix,
        alpha: float,
        size: int,
        epochs: int,
        run: RunOptions,
        progress: Callable[[int], None],
    ) -> Factors:
        fitted = AlternatingLeastSquares(
            factors=size,
            regularization=self.config.reg,
            iterations=epochs,
            num_threads=run.threads,
            random_state=run.seed,
        )
        try:
            fitted.fit(
                _confidences(weights, alpha),
                show_progress=False,
                callback=lambda epoch, _seconds, _loss: progress(epoch + 1),
            )
        except ModelFitError:
            raise ModelError(
                f"{self.handle} ran out of numbers while fitting: lower its alpha "
                f"({alpha:g}) or raise its reg ({self.config.reg:g})."
            ) from None
        return fitted.user_factors, fitted.item_factors

    def _prepare(self) -> None:
        self._learned = np.asarray(self._course_factors.any(axis=1))
        self._gram = cache(self._made_gram)
        self._confidences = self._learned_confidences_in(self.dataset)
        factors: dict[Entity, NDArray[np.float32]] = {
            "user": self._user_factors,
            "course": self._course_factors,
        }
        self._place(islands_of(self._confidences), factors)
        self._contributions = Contributions(self._course_factors, self.config.reg)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        before, now = self._confidences_in(self.dataset), self._confidences_in(dataset)
        factors = carried.by_user(self._user_factors, 0)
        self._course_factors = carried.by_course(self._course_factors, 0)
        changed = np.flatnonzero(carried.changed_users(before, now))
        factors[changed] = self._solved(now[changed])
        self._user_factors = factors

    def _take_in(self, few: FewUsers) -> None:
        theirs = self._learned_confidences_in(few.dataset)
        self._confidences = few.into(self._confidences, theirs)
        factors = self._solved(theirs)
        self._user_factors[few.rows] = factors
        self._move_users(few.rows, theirs, factors)

    def _learned_confidences_in(self, dataset: Dataset) -> sp.csr_matrix:
        """Without views of courses that came after the fit."""
        confidences = self._confidences_in(dataset)
        confidences.data[~self._learned[confidences.indices]] = 0
        confidences.eliminate_zeros()
        return confidences

    def _made_gram(self) -> NDArray[np.float64]:
        """float64 [size, size]: ``Y'Y + reg I``."""
        wide = self._course_factors.astype(np.float64)
        gram: NDArray[np.float64] = wide.T @ wide + self.config.reg * np.eye(self.embedding_size)
        return gram

    def _solved(self, confidences: sp.csr_matrix) -> NDArray[np.float32]:
        """float32 [rows, size]: ``(Y'Y + Y'(C - I)Y + reg I)^-1 Y'C p`` of each row, in float64."""
        gram = self._gram()
        factors = np.zeros((confidences.shape[0], self.embedding_size), np.float32)
        for row in np.flatnonzero(np.diff(confidences.indptr)):
            views = slice(confidences.indptr[row], confidences.indptr[row + 1])
            viewed = self._course_factors[confidences.indices[views]].astype(np.float64)
            sure = confidences.data[views]
            factors[row] = np.linalg.solve(gram + (viewed.T * (sure - 1)) @ viewed, sure @ viewed)
        return factors

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        if kind == "similar_users":
            return shared_features(self._confidences[subjects], self._confidences, listed)
        return self._contributions.strongest(self._confidences[subjects], listed)


def _confidences(weights: sp.csr_matrix, alpha: float) -> sp.csr_matrix:
    confidences = weights.copy()
    confidences.data = 1 + alpha * confidences.data
    return confidences
