"""Users in groups: by the labels of their attributes, by ranges of numbers, by what they follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute
from generator.dataset.dataset import Dataset

SegmentKind = Literal["segment", "interest", "range"]
"""Labels of a column of `users`; followers of a tag; ranges of a column of numbers."""

BINS = 8
"""A number is one of so many ranges, with about as many subjects in each."""

Edges = Mapping[str, Sequence[float]]
"""Attribute -> where each of its ranges but the first begins, for those that are numbers."""


@dataclass(frozen=True)
class Segment:
    family: str
    label: str
    users: NDArray[np.bool_]
    """bool [users]: those who are in it."""

    @property
    def name(self) -> str:
        return f"{self.family}/{self.label}"


@dataclass(frozen=True)
class SegmentFamily:
    """The segments that one attribute tells apart; a user is in one of them, several or none."""

    name: str
    """``segment/department``, ``range/age``, ``interest``."""
    labels: list[str]
    members: sp.csr_matrix
    """float32 [users, labels]: 1 where the user is in the segment."""

    @property
    def kind(self) -> SegmentKind:
        return cast("SegmentKind", self.name.partition("/")[0])

    def segments(self) -> Iterator[Segment]:
        """Those that anybody is in."""
        for label, users in members_by_label(self.members):
            yield Segment(self.name, self.labels[label], users)


def families_of(dataset: Dataset, edges: Edges | None = None) -> list[SegmentFamily]:
    """Of every attribute of users, and of the tags they follow.

    edges: ranges of other data that these are to mean the same as in; None finds them.
    """
    known = edges_of(dataset.user_attributes) if edges is None else edges
    families = [_family(attribute, known) for attribute in dataset.user_attributes]
    tags = [str(tag) for tag in dataset.tags.handles()]
    families.append(SegmentFamily("interest", tags, dataset.interests))
    return [family for family in families if family.members.nnz]


def edges_of(attributes: Sequence[Attribute]) -> dict[str, list[float]]:
    """Quantiles of each attribute that is a number, those that are equal once."""
    edges = {}
    for attribute in attributes:
        if attribute.kind == "number":
            given = attribute.numbers[~np.isnan(attribute.numbers)]
            inner = np.linspace(0, 1, BINS + 1)[1:-1]
            edges[attribute.name] = np.unique(np.quantile(given, inner)).tolist()
    return edges


def ranges_of(attribute: Attribute, begins: Sequence[float]) -> sp.csr_matrix:
    """float32 [subjects, ranges]: 1 in the range that the subject's number is in."""
    numbers = attribute.numbers
    given = np.flatnonzero(~np.isnan(numbers))
    places = given, np.searchsorted(begins, numbers[given], side="right")
    ones = np.ones(len(given), np.float32)
    return sp.csr_matrix((ones, places), shape=(len(numbers), len(begins) + 1))


def members_by_label(has: sp.csr_matrix) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Each label that any row of `has` [rows, labels] has, and which rows, bool [rows]."""
    by_label = has.T.tocsr()
    for label in np.flatnonzero(np.diff(by_label.indptr)).tolist():
        members = np.zeros(has.shape[0], bool)
        members[by_label.indices[by_label.indptr[label] : by_label.indptr[label + 1]]] = True
        yield label, members


def _family(attribute: Attribute, edges: Edges) -> SegmentFamily:
    if attribute.kind != "number":
        labels = [str(label) for label in attribute.labels.handles()]
        return SegmentFamily(f"segment/{attribute.name}", labels, attribute.matrix)
    members = ranges_of(attribute, edges.get(attribute.name, ()))
    labels = [str(number) for number in range(members.shape[1])]
    return SegmentFamily(f"range/{attribute.name}", labels, members)
