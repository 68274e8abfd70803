"""Groups of courses and of users that have rankings of their own: levels, tags, segments."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.reranking.caps import labels_of
from shared.records import group_key, is_handle

LEAST_USERS = 10
"""In a segment: what fewer did is nobody's trend, and says who they are."""


@dataclass(frozen=True)
class Group:
    name: str
    """``level/beginner``, ``tag/python``, ``segment/department/sales``: by `group_key`."""
    courses: NDArray[np.bool_] | None = None
    """bool [courses]: those that may be listed; None for all."""
    users: NDArray[np.bool_] | None = None
    """bool [users]: those by whom courses are ranked; None for all."""


def groups_of(dataset: Dataset) -> Iterator[Group]:
    """Levels (a course is of the one it is viewed at most) and tags of courses; segments of users,
    which are the labels of their attributes. Numbers make no segments."""
    for what, vocabulary in (("level", dataset.levels), ("tag", dataset.tags)):
        for name, courses in _members(what, labels_of(what, dataset), vocabulary):
            yield Group(name, courses=courses)
    for attribute in dataset.user_attributes:
        if attribute.kind == "number":
            continue
        what = f"segment/{attribute.name}"
        for name, users in _members(what, attribute.matrix, attribute.labels):
            if users.sum() >= LEAST_USERS:
                yield Group(name, users=users)


def _members(
    what: str, labels: sp.csr_matrix, vocabulary: Vocabulary
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name and members, bool [rows], of each label that any row has."""
    by_label, names = labels.T.tocsr(), vocabulary.handles()
    for label, (start, stop) in enumerate(zip(by_label.indptr, by_label.indptr[1:], strict=False)):
        name = group_key(f"{what}/{names[label]}")
        if stop > start and is_handle(name):
            members = np.zeros(labels.shape[0], bool)
            members[by_label.indices[start:stop]] = True
            yield name, members
