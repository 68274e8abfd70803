"""Registered models as their defaults have them, but for what takes long to build.

Every block of a network is a program that is made anew for each model that is fitted, and a hybrid
fits all that it is made of.
"""

from typing import Any

from generator.models.base import Model
from generator.models.registry import MODELS, model_class
from generator.models.sequence import SequenceModel

ONE_BLOCK = {"n_blocks": 1}
QUICK = ("tfidf_user_interest", "knn_collab_filtering_user_course_view")
"""What hybrids are made of: that each other model can be a part of one has a test of its own."""

LIKE_ANOTHER = {"maml_user_attribute"}
"""It lists by dense products, as `two_sides` does, of states from batches as the autoencoder's."""

ONE_NETWORK = [
    handle
    for handle in MODELS
    if handle == "lstm_course_sequence" or not issubclass(model_class(handle), SequenceModel)
    if handle not in LIKE_ANOTHER
]
"""Where it is the base of networks that answers, and not what they are made of."""


def _base(handle: str) -> Any:
    bases = model_class(handle).__bases__
    return handle if Model in bases else bases[-1]


ONE_OF_EACH_BASE = list({_base(handle): handle for handle in reversed(ONE_NETWORK)}.values())
"""Where lists are made as the base has it, which several models share."""


def quick_model(handle: str, **options: Any) -> Model:
    """With those of `options` that the model has."""
    return model_class(handle)(**quick_options(handle, **options))


def quick_options(handle: str, **options: Any) -> dict[str, Any]:
    known = model_class(handle).Options.model_fields
    quick = {**ONE_BLOCK, "components": list(QUICK), **options}
    return {name: of for name, of in quick.items() if name in known}
