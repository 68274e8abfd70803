"""Several models' courses in one list, each model with a weight of its own."""

from pydantic import Field

from generator.hybrids.blended_courses import BlendedCourses
from generator.hybrids.components import (
    OF_VIEWS,
    Components,
    CourseScale,
    Recommending,
    Weight,
)
from generator.models.options import ModelOptions

COMPONENTS = ("tfidf_user_interest", *OF_VIEWS)


class WeightedHybridOptions(ModelOptions):
    components: Components = Field(list(COMPONENTS))
    weights: dict[Recommending, Weight] = Field(
        default_factory=dict,
        description="Weight of each model, none below 0; without any they are learned on views "
        "held out (EVALUATE), else all are alike.",
    )
    scale: CourseScale = "z-score"


class WeightedHybrid(BlendedCourses):
    """Weighted sum of scores that were made comparable within each user's lists.

    Assumes that models err in different places. Score: the mean over the models that know the user,
    by weight, of the scaled score (see `generator.hybrids.union`), and of its logarithm where
    another model's scores are logits, as a network's are; a course that a model does not list
    scores 0 with it. Learned weights are those whose lists had the best NDCG@10 on views held out.
    Its reasons are those of the model that contributes most to an entry. Cost: models x
    CANDIDATES_PER_USER numbers a user.
    """

    handle = "weighted_hybrid"
    title = "Several models in one list"
    uses = COMPONENTS
    Options = WeightedHybridOptions
    config: WeightedHybridOptions
