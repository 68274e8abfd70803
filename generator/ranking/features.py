"""All features of some courses of some users, by name: one family a file, put side by side here."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from generator.ranking import (
    course_facts,
    learning_features,
    listed_features,
    moment_features,
    order_features,
    pair_features,
    user_features,
)
from generator.ranking.known import Asked, Known

FAMILIES = (
    *(course_facts, user_features, pair_features, learning_features),
    *(order_features, moment_features),
)


def names(handles: Collection[str]) -> tuple[str, ...]:
    """handles: of the models that list courses."""
    of_data = (name for family in FAMILIES for name in family.NAMES)
    return (*listed_features.names(handles), *of_data)


def features(
    known: Known, asked: Asked, listed: Sequence[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """float32 [users * width, names]: user by user; NaN where something is not known.

    listed: what `listed_features.features` has of the same courses.
    """
    of_data = (part for family in FAMILIES for part in family.features(known, asked))
    every = [*listed, *of_data]
    table = np.empty((asked.courses.size, len(every)), np.float32)
    for place, part in enumerate(every):
        table[:, place] = part.ravel()
    return table
