"""Which models a hybrid may be made of: every one of the registry that has such lists.

Hybrids are none: the lists of one are made of what its rehearsal taught, and nobody rehearses with
them.
"""

from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field

from generator.hybrids.union import Scale
from generator.models.registry import MODELS, model_class
from shared.kinds import KINDS, KindName


def _with_lists(kind: KindName, handle: str) -> str:
    if handle not in MODELS or (named := model_class(handle)).uses or kind not in named.serves:
        raise ValueError(
            f"{handle!r} is no model with {KINDS[kind].title} of its own: `run_generator.py "
            "models` lists what each serves"
        )
    return handle


Recommending = Annotated[str, AfterValidator(partial(_with_lists, "recommendations"))]
"""Handle of a model that recommends, and is no hybrid."""
FindingUsers = Annotated[str, AfterValidator(partial(_with_lists, "similar_users"))]
"""Handle of a model that has similar users, and is no hybrid."""
Components = Annotated[
    list[Recommending],
    Field(
        min_length=1,
        description="Which models are blended, those of them that run: any that recommend.",
    ),
]
Weight = Annotated[float, Field(ge=0)]
CourseScale = Annotated[
    Scale,
    Field(
        description="How scores of different models become comparable: by rank, steep (10) or "
        "flat (60), or by z-score within each user's list."
    ),
]
OF_VIEWS = (
    "knn_collab_filtering_user_course_view",
    "dnn_collab_filtering_user_course_level",
    "als_collab_filtering_user_course_view",
    "ease_user_course_view",
    "bspm_user_course_view",
    "markov_course_sequence",
    "lstm_course_sequence",
    "sasrec_course_sequence",
)
"""What others viewed, and in which order."""
OF_ALL_KINDS = (
    "tfidf_user_interest",
    "tfidf_course_text",
    "popular_course_view",
    "trending_course_view",
    *OF_VIEWS,
)
"""Content, rankings for everybody, what others viewed, and order: components of those hybrids that
learn whom each is for."""
