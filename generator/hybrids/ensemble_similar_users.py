"""Several models' similar users in one list, each model with a weight of its own."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.dataset.view_weights import damped_minutes
from generator.hybrids.blended import Blended
from generator.hybrids.components import FindingUsers, Weight
from generator.hybrids.union import Scale
from generator.models.options import ModelOptions
from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from shared.kinds import KindName
from shared.records import ReasonKind

COMPONENTS = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "knn_user_assessment_score",
    "als_collab_filtering_user_course_view",
    "bspm_user_course_view",
    "item2vec_course_sequence",
)


class EnsembleOptions(ModelOptions):
    components: list[FindingUsers] = Field(
        list(COMPONENTS),
        min_length=1,
        description="Which models are asked, those of them that run: any with similar users.",
    )
    weights: dict[FindingUsers, Weight] = Field(
        default_factory=dict,
        description="Weight of each model, none below 0; without any they are learned on views "
        "held out (EVALUATE), else all are alike.",
    )
    scale: Scale = Field(
        "flat-rank",
        description="How similarities of different models become comparable: by rank, steep (10) "
        "or flat (60), or by z-score within each user's list.",
    )


class EnsembleSimilarUsers(Blended):
    """Reciprocal rank fusion of similar users (Cormack, Clarke & Buettcher, SIGIR 2009).

    Assumes that models err in different places. Score: the mean over the models that know the user,
    by weight, of ``60 / (59 + rank)``, or of the z-score within the list (see
    `generator.hybrids.union`); whom a model does not list scores 0 with it. Learned weights are
    those whose first ten have the largest share of neighbours who took up a held-out course in
    common. Reasons are the courses that both viewed, by the product of ``ln(1 + minutes)``,
    whichever model listed the neighbour. Cost: models x CANDIDATES_PER_USER numbers a user on disk,
    and 12 bytes a viewed pair in memory.
    """

    handle = "ensemble_similar_users"
    title = "Similar users of several models"
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"similar_users": "shared_courses"}
    uses = COMPONENTS
    Options = EnsembleOptions
    config: EnsembleOptions
    learns_from = 12_000
    """Of neighbours few are right: what is better shows later than with courses."""

    def memory_bytes(self, dataset: Dataset) -> int:
        return super().memory_bytes(dataset) + dataset.bytes("views")

    def _prepare(self) -> None:
        self._minutes = damped_minutes(self.dataset.view_seconds)

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._blend(users, n)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        return shared_features(self._minutes[subjects], self._minutes, listed)
