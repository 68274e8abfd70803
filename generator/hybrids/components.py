"""Which models a hybrid may be made of: every one of the registry that has such lists.

Hybrids are none: the lists of one are made of what its rehearsal taught, and nobody rehearses with
them.
"""

from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field

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
Weight = Annotated[float, Field(ge=0)]
