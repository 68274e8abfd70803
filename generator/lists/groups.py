"""Groups of courses and of users that have rankings of their own: levels, tags, segments."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.segments import Segment, families_of, members_by_label
from generator.models.group_ranking import GROUP_KINDS, GroupKind
from generator.reranking.caps import labels_of
from shared.records import group_key, is_handle

LEAST_USERS = 10
"""In a segment: what fewer did is nobody's trend, and says who they are."""


@dataclass(frozen=True)
class Group:
    name: str
    """``level/beginner``, ``tag/python``, ``segment/department/sales``, ``interest/python``: by
    `group_key`."""
    courses: NDArray[np.bool_] | None = None
    """bool [courses]: those that may be listed; None for all."""
    segment: Segment | None = None
    """The users by whom courses are ranked; None for all."""


def groups_of(dataset: Dataset, kinds: Collection[GroupKind] = GROUP_KINDS) -> Iterator[Group]:
    """Levels (a course is of the one it is viewed at most) and tags of courses; segments of users:
    the labels of their attributes, and followers of tags. Numbers make no segments."""
    for kind, vocabulary in (("level", dataset.levels), ("tag", dataset.tags)):
        if kind not in kinds:
            continue
        names = vocabulary.handles()
        for label, courses in members_by_label(labels_of(kind, dataset)):
            if is_handle(name := group_key(f"{kind}/{names[label]}")):
                yield Group(name, courses=courses)
    for family in families_of(dataset):
        if family.kind in kinds:
            yield from _large(family.segments())


def _large(segments: Iterator[Segment]) -> Iterator[Group]:
    for segment in segments:
        if segment.users.sum() >= LEAST_USERS and is_handle(name := group_key(segment.name)):
            yield Group(name, segment=segment)
