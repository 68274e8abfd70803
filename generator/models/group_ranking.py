"""Models that rank courses for groups too: for a level or a tag of courses, a segment of users."""

from collections.abc import Collection
from typing import ClassVar, Literal, Protocol, get_args, runtime_checkable

from generator.dataset.dataset import Dataset, Input
from generator.dataset.segments import Segment
from generator.nearest.top_n import TopN

GroupKind = Literal["level", "tag", "segment", "interest"]
GROUP_KINDS: tuple[GroupKind, ...] = get_args(GroupKind)
"""Courses of a level, courses with a tag, users with a label of an attribute, followers of a tag:
the first word of `shared.records.group_key`."""


@runtime_checkable
class RanksGroups(Protocol):
    """Of a level or a tag a model ranks those of its courses for everybody that are of it."""

    handle: ClassVar[str]
    needs: ClassVar[tuple[Input, ...]]
    grouped_by: ClassVar[Collection[GroupKind]]
    dataset: Dataset

    def ranking(self, n: int) -> TopN:
        """The `n` best courses for everybody, as one row."""

    def ranking_among(self, segment: Segment, n: int) -> TopN:
        """The `n` best courses for these users, as one row."""
