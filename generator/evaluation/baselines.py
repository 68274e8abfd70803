"""What every model is compared with. They keep the models' contract but are in no registry."""

from collections.abc import Collection, Sequence
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field
from sklearn.preprocessing import normalize

from generator.dataset.dataset import Dataset, Input
from generator.models.base import Model
from generator.models.options import ModelOptions
from generator.models.popular_course_view import PopularCourseView
from generator.models.registry import MODELS, model_class
from generator.models.run_options import RunOptions
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.top_n import TopN, empty_top_n
from generator.nearest.votes import themselves
from shared.kinds import KindName

POPULAR = "popular"
MOST_VIEWED = (POPULAR, PopularCourseView.handle)
"""The baseline, and the model that is the same."""


class Popular(PopularCourseView):
    """The model of that name, as what all others are compared with.

    Score: the number of viewers. Cost: users x courses comparisons.
    """

    handle = POPULAR
    title = "Most viewed (baseline)"


class Random(Model):
    """Unseen courses by lot, drawn for each user apart. Score: 1 / rank. Cost: n + seen a user."""

    handle = "random"
    title = "By lot (baseline)"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        pass

    def _knows(self) -> NDArray[np.bool_]:
        return np.ones(len(self.dataset.users), bool)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        top, courses = empty_top_n(len(users), n), len(self.dataset.courses)
        seen = self.dataset.seen[users]
        for row, user in enumerate(users):
            watched = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
            # A generator of their own, so that nobody's list depends on who else is asked about.
            lot = np.random.default_rng([self.run.seed, int(user)])
            drawn = lot.choice(courses, min(n + len(watched), courses), replace=False)
            unseen = drawn[~np.isin(drawn, watched)][:n]
            top.indices[row, : len(unseen)] = unseen
            top.scores[row, : len(unseen)] = 1 / np.arange(1, len(unseen) + 1)
        return top


class ItemKnnOptions(ModelOptions):
    k: int = Field(200, ge=1, description="Neighbours kept of each course.")


class ItemKnnCosine(Model):
    """Courses near those a user has seen: cosine of the courses' viewers (Sarwar et al. 2001).

    Score: the sum, over the user's courses, of the cosine to the listed one, as far as it is among
    the k nearest. Cost: the sparse product of the courses with themselves.
    """

    handle = "item_knn_cosine"
    title = "Courses near the seen ones (baseline)"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    Options = ItemKnnOptions
    config: ItemKnnOptions

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        viewers = normalize(dataset.seen.T.tocsr().astype(np.float32))
        courses = np.arange(viewers.shape[0])
        near = top_n_sparse(
            viewers,
            SparseCandidates(viewers, self._search.order("course")),
            self.config.k,
            salts=self._search.ties("similar_courses", courses.astype(np.int32)).salts,
            exclude=themselves(courses.astype(np.int32), len(courses)),
            **run.limits,
        )
        listed = near.indices >= 0
        rows = np.repeat(courses, listed.sum(axis=1))
        links = sp.csr_matrix(
            (near.scores[listed], (near.indices[listed], rows)), shape=(len(courses),) * 2
        )
        links.sort_indices()
        self._near = SparseCandidates(links, self._search.order("course"))

    def _knows(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = np.diff(self.dataset.seen.indptr) > 0
        return knows

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = self.dataset.seen[users].astype(np.float32)
        return self._search.nearest("recommendations", users, queries, self._near, n)


BASELINES: tuple[type[Model], ...] = (Popular, Random, ItemKnnCosine)
EASE = "ease_user_course_view"


def popular_beside(handles: Collection[str]) -> list[Model]:
    """The most viewed courses, unless a model that is the same is among these."""
    return [] if PopularCourseView.handle in handles else [Popular()]


def comparators(handles: Sequence[str]) -> list[Model]:
    """What stands beside the models of these handles in every table; nothing stands there twice."""
    others = [baseline() for baseline in BASELINES if baseline is not Popular]
    beside = [*popular_beside(handles), *others]
    if EASE in MODELS and EASE not in handles:
        beside.append(model_class(EASE)())
    return beside
