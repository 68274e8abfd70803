"""What reasons are called."""

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import Handle, ReasonKind


def names_of(kind: ReasonKind, indices: NDArray[np.int32], dataset: Dataset) -> list[Handle]:
    """The handles of tags, users or courses; ValueError for words, which are a model's own."""
    match kind:
        case "shared_tags" | "followed_tags" | "shared_assessments":
            return dataset.tags.handles(indices)
        case "neighbours":
            return dataset.users.handles(indices)
        case "shared_courses" | "watched_courses":
            return dataset.courses.handles(indices)
        case "shared_words":
            raise ValueError("Words are numbered by the model that found them: ask it.")
        case "groups":
            raise ValueError("No model lists for groups: the server merges what they have.")
