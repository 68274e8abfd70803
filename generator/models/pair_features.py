"""What is known of users and courses beside their views, as named features of each."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute
from generator.dataset.dataset import Dataset
from generator.dataset.segments import Edges, edges_of, ranges_of
from generator.dataset.take_ups import take_ups
from generator.dataset.vocabulary import UNKNOWN
from shared.kinds import Entity

MOST_FEATURES = 64
"""Of one user or course, the rarest ones, which say most."""

Field = tuple[str, list[str], sp.csr_matrix]
"""Its name, its labels, and float32 [subjects, labels]: what each subject has."""


class Features(NamedTuple):
    names: list[str]
    """Of each column, such as ``user/department/sales``."""
    values: sp.csr_matrix
    """float32 [subjects, names]: 1 over the root of how many a subject has of one field."""
    edges: Edges


def features_of(dataset: Dataset, entity: Entity, edges: Edges | None = None) -> Features:
    """Labels of attributes, ranges of numbers; of a user the tags that are followed, of a course
    its tags, the levels that it is viewed at, and its author.

    edges: of other data that these are to mean the same as in; None finds them.
    """
    attributes = dataset.user_attributes if entity == "user" else dataset.course_attributes
    known = edges_of(attributes) if edges is None else edges
    fields = _user_fields(dataset) if entity == "user" else _course_fields(dataset)
    fields = chain(fields, (_field(attribute, known) for attribute in attributes))
    names: list[str] = []
    parts = [sp.csr_matrix((len(dataset.vocabulary(entity)), 0), dtype=np.float32)]
    for name, labels, has in fields:
        names += [f"{entity}/{name}/{label}" for label in labels]
        parts.append(_shared_out(has))
    return Features(names, _rarest(sp.hstack(parts).tocsr().astype(np.float32)), known)


def features_as(dataset: Dataset, entity: Entity, names: list[str], edges: Edges) -> sp.csr_matrix:
    """float32 [subjects, names]: `features_of` under these names, and no others, which were there
    when a model was fitted."""
    features = features_of(dataset, entity, edges)
    if features.names == names:
        return features.values
    place_of = {name: place for place, name in enumerate(names)}
    places = np.array([place_of.get(name, UNKNOWN) for name in features.names], np.int32)
    now = np.flatnonzero(places != UNKNOWN)
    ones = np.ones(len(now), np.float32)
    shape = len(features.names), len(names)
    values = (features.values @ sp.csr_matrix((ones, (now, places[now])), shape=shape)).tocsr()
    # Sums are to be taken in one order, whatever else is known of others.
    values.sort_indices()
    return values


def last_courses(dataset: Dataset) -> NDArray[np.int32]:
    """int32 [users]: what each took up last, -1 for who took up nothing."""
    taken = take_ups(dataset.interactions, len(dataset.courses))
    last = np.full(len(dataset.users), UNKNOWN, np.int32)
    is_last = taken.ages == 0
    last[taken.users[is_last]] = taken.courses[is_last]
    return last


def courses_before(dataset: Dataset) -> sp.csr_matrix:
    """int32 [users, courses]: of each course that a user took up after another, 1 + that one."""
    taken = take_ups(dataset.interactions, len(dataset.courses))
    follows = np.flatnonzero(taken.users[1:] == taken.users[:-1])
    entries = 1 + taken.courses[follows]
    places = taken.users[follows + 1], taken.courses[follows + 1]
    return sp.csr_matrix((entries, places), shape=dataset.view_seconds.shape)


def _user_fields(dataset: Dataset) -> Iterator[Field]:
    yield "interest", _texts(dataset.tags.handles()), dataset.interests


def _course_fields(dataset: Dataset) -> Iterator[Field]:
    yield "tag", _texts(dataset.tags.handles()), dataset.course_tags
    levels = sp.csr_matrix(dataset.viewers_by_level > 0, dtype=np.float32)
    yield "level", _texts(dataset.levels.handles()), levels
    authors = dataset.course_authors
    written = np.flatnonzero(authors >= 0)
    shape = len(authors), int(authors.max(initial=-1)) + 1
    ones = np.ones(len(written), np.float32)
    by_author = sp.csr_matrix((ones, (written, authors[written])), shape=shape)
    yield "author", _texts(range(shape[1])), by_author


def _field(attribute: Attribute, edges: Edges) -> Field:
    if attribute.kind != "number":
        return attribute.name, _texts(attribute.labels.handles()), attribute.matrix
    has = ranges_of(attribute, edges.get(attribute.name, ()))
    return attribute.name, _texts(range(has.shape[1])), has


def _shared_out(has: sp.csr_matrix) -> sp.csr_matrix:
    counts = np.diff(has.indptr)
    shared = sp.csr_matrix(has, copy=True, dtype=np.float32)
    shared.data = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    return shared


def _rarest(values: sp.csr_matrix) -> sp.csr_matrix:
    carriers = np.bincount(values.indices, minlength=values.shape[1])
    row = np.repeat(np.arange(values.shape[0]), np.diff(values.indptr))
    order = np.lexsort((values.indices, carriers[values.indices], row))
    kept = order[np.arange(len(row)) - values.indptr[row] < MOST_FEATURES]
    places = row[kept], values.indices[kept]
    return sp.csr_matrix((values.data[kept], places), shape=values.shape)


def _texts(labels: Iterable[object]) -> list[str]:
    return [str(label) for label in labels]
