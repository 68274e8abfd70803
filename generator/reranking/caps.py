"""At most so many courses of one tag, level, author or other attribute in a list."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute
from generator.dataset.dataset import Dataset
from generator.nearest.parts import positions_of
from generator.reranking.rule import Given, Pool, Rule, Turns
from shared.errors import SettingsError


class Caps(Rule):
    """No list has more courses of any label than its cap, whatever is left for its last places.

    A course that has several labels counts for each; one that has none is never capped.
    """

    def __init__(self, caps: Mapping[str, int], labels: Mapping[str, sp.csr_matrix]) -> None:
        """Name -> the most, and name -> [courses, labels]: what each course has of it."""
        self._caps = caps
        of_names = [labels[name].astype(bool).tocsr() for name in caps]
        self._labels = sp.hstack(of_names, "csr")
        widths = [matrix.shape[1] for matrix in of_names]
        self._most = np.repeat(np.array([*caps.values()], np.int32), widths)

    @classmethod
    def of(cls, given: Given) -> Self | None:
        """Raises SettingsError if the data has no such tags, levels or attribute."""
        if not given.settings.list_caps:
            return None
        labels = {name: labels_of(name, given.dataset) for name in given.settings.list_caps}
        return cls(given.settings.list_caps, labels)

    @property
    def said(self) -> str:
        return "at most " + ", ".join(f"{most} of one {name}" for name, most in self._caps.items())

    def over(self, pool: Pool) -> Turns:
        return _Capping(pool, self._labels, self._most)


class _Capping(Turns):
    """Counts the labels of what was taken.

    labels    pool entries' labels, one after another, those of a row numbered anew
    entry     0 0 1 2 2 2 ...       in the flattened pool
    local     0 1 0 1 2 3 ...       places in `left`
    left      2 3 3 ...             how many courses with the label may still come
    """

    def __init__(self, pool: Pool, labels: sp.csr_matrix, most: NDArray[np.int32]) -> None:
        self._depth = pool.courses.shape[1]
        of_entries = labels[pool.courses[pool.listed]]
        entry = np.flatnonzero(pool.listed)
        self._entry = np.repeat(entry, np.diff(of_entries.indptr))
        key = (self._entry // self._depth) * labels.shape[1] + of_entries.indices
        distinct, self._local = np.unique(key, return_inverse=True)
        self._left = most[distinct % max(labels.shape[1], 1)]
        self._starts = np.searchsorted(self._entry, np.arange(pool.courses.size + 1))
        self._forbidden = np.zeros(pool.courses.shape, bool)

    def forbidden(self) -> NDArray[np.bool_]:
        return self._forbidden

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        taken = rows * self._depth + columns
        starts, stops = self._starts[taken], self._starts[taken + 1]
        # A row takes one entry at a time, and no entry has a label twice.
        self._left[self._local[positions_of(starts, stops - starts)]] -= 1
        self._forbidden.ravel()[self._entry[self._left[self._local] <= 0]] = True


def labels_of(name: str, dataset: Dataset) -> sp.csr_matrix:
    """[courses, labels]: tags, the level that a course is viewed at most, a column's values, or the
    author that views name, where courses have no such column."""
    if name == "tag":
        return dataset.course_tags
    if name == "level":
        return _commonest_levels(dataset)
    attributes = {attribute.name.casefold(): attribute for attribute in dataset.course_attributes}
    if name.casefold() in attributes:
        return _values_of(attributes[name.casefold()])
    if name == "author":
        return _one_of_each(dataset.course_authors, dataset.course_authors >= 0)
    names = dict.fromkeys(["tag", "level", "author", *(a.name for a in attributes.values())])
    raise SettingsError(
        f"LIST_CAPS names {name}, which courses do not have. They have {', '.join(names)}."
    )


def _commonest_levels(dataset: Dataset) -> sp.csr_matrix:
    viewers = dataset.viewers_by_level
    courses = np.flatnonzero(viewers.any(axis=1))
    if not len(courses):
        return sp.csr_matrix(viewers.shape, dtype=bool)
    cells = (courses, viewers[courses].argmax(axis=1))
    return sp.csr_matrix((np.ones(len(courses), bool), cells), shape=viewers.shape)


def _values_of(attribute: Attribute) -> sp.csr_matrix:
    """Of a number each value is a label."""
    if attribute.kind != "number":
        return attribute.matrix
    return _one_of_each(attribute.numbers, ~np.isnan(attribute.numbers))


def _one_of_each(values: NDArray[Any], filled: NDArray[np.bool_]) -> sp.csr_matrix:
    """bool [courses, distinct values]: where one is filled."""
    courses = np.flatnonzero(filled)
    distinct, label = np.unique(values[courses], return_inverse=True)
    shape = (len(values), len(distinct))
    return sp.csr_matrix((np.ones(len(courses), bool), (courses, label)), shape=shape)
