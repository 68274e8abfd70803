"""Several models' courses in one list, each model with a weight of its own."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Input
from generator.hybrids.blended import Blended, in_one_space
from generator.hybrids.components import Recommending, Weight
from generator.hybrids.union import Scale, comparable
from generator.models.options import ModelOptions
from generator.nearest.top_n import PADDING, TopN
from generator.reasons.reasons import Reasons, no_reasons
from shared.kinds import KindName
from shared.records import ReasonKind

COMPONENTS = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "dnn_collab_filtering_user_course_level",
    "als_collab_filtering_user_course_view",
    "ease_user_course_view",
    "bspm_user_course_view",
    "markov_course_sequence",
    "lstm_course_sequence",
    "sasrec_course_sequence",
)


class WeightedHybridOptions(ModelOptions):
    components: list[Recommending] = Field(
        list(COMPONENTS),
        min_length=1,
        description="Which models are blended, those of them that run: any that recommend.",
    )
    weights: dict[Recommending, Weight] = Field(
        default_factory=dict,
        description="Weight of each model, none below 0; without any they are learned on views "
        "held out (EVALUATE), else all are alike.",
    )
    scale: Scale = Field(
        "z-score",
        description="How scores of different models become comparable: by rank, steep (10) or "
        "flat (60), or by z-score within each user's list.",
    )


class WeightedHybrid(Blended):
    """Weighted sum of scores that were made comparable within each user's lists.

    Score: the mean over the models that know the user, by weight, of the scaled score (see
    `generator.hybrids.union`), and of its logarithm where another model's scores are logits, as a
    network's are; a course that a model does not list scores 0 with it. Learned
    weights are those whose lists had the best NDCG@10 on views held out. Its reasons are those of
    the model that contributes most to an entry. Cost: models x CANDIDATES_PER_USER numbers a user.
    """

    handle = "weighted_hybrid"
    title = "Several models in one list"
    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    uses = COMPONENTS
    Options = WeightedHybridOptions
    config: WeightedHybridOptions

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._blend(users, n)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        """Of each entry those of the model that contributes most, of the models that explain it."""
        reasons, most = no_reasons(listed), np.zeros(listed.shape, np.float32)
        weights = self._weights_of_components()
        tops = in_one_space(self._lists, kind, subjects)
        for weight, lists, top in zip(weights, self._lists.values(), tops, strict=True):
            if lists.explained and lists.reason_kind == self.reason_kinds[kind]:
                scores = weight * comparable(top, self._scale)[:, : lists.explained]
                is_it = listed[:, :, None] == top.indices[:, None, : lists.explained]
                place = is_it.argmax(axis=2)
                score = np.where(is_it.any(axis=2), np.take_along_axis(scores, place, axis=1), 0)
                row, entry = np.nonzero((score > most) & (listed != PADDING))
                most[row, entry] = score[row, entry]
                for part, why in zip(reasons, lists.why(subjects), strict=True):
                    part[row, entry] = why[row, place[row, entry]]
        return reasons
