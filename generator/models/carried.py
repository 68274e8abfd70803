"""From the data that a model was fitted on to data with some users new or changed."""

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import UNKNOWN, Vocabulary
from shared.errors import ModelError


class Carried:
    """Where what was learned of each user, course, tag and level belongs in the new data."""

    def __init__(self, old: Dataset, new: Dataset) -> None:
        """Raises ModelError if the new data lacks a course of the old."""
        self._old, self._new = old, new
        self.courses = _places(old.courses, new.courses)
        """int32 [old courses], ascending: their row numbers now."""
        if (gone := np.flatnonzero(self.courses == UNKNOWN).astype(np.int32)).size:
            raise ModelError(
                f"{len(gone):,} courses are gone since the model was fitted, among them "
                f"{old.courses.handles(gone[:1])[0]!r}; fit it again."
            )

    @cached_property
    def users(self) -> NDArray[np.int32]:
        """int32 [old users]: their row numbers now, -1 for those who are gone."""
        return _places(self._old.users, self._new.users)

    @cached_property
    def described_anew(self) -> NDArray[np.bool_]:
        """bool [old courses]: True where title, description, picture or the number of tags is
        another than it was."""
        old, new = self._old, self._new
        anew: NDArray[np.bool_] = (
            np.diff(old.course_tags.indptr) != np.diff(new.course_tags.indptr)[self.courses]
        )
        now = self.courses.tolist()
        for before, after in (
            (old.texts.titles, new.texts.titles),
            (old.texts.descriptions, new.texts.descriptions),
            (old.image_paths, new.image_paths),
        ):
            anew |= [text != after[place] for text, place in zip(before, now, strict=True)]
        return anew

    def by_course(self, learned: NDArray[Any], unknown: float) -> NDArray[Any]:
        """[new courses] from [old courses]; `unknown` stands for a course that is new."""
        return _spread(learned, self.courses, len(self._new.courses), unknown)

    def by_user(self, learned: NDArray[Any], unknown: float) -> NDArray[Any]:
        """As `by_course`; what was learned of a user who is gone goes with them."""
        return _spread(learned, self.users, len(self._new.users), unknown)

    @cached_property
    def tags(self) -> NDArray[np.int32]:
        """int32 [old tags]: their row numbers now, -1 for those that are gone."""
        return _places(self._old.tags, self._new.tags)

    def by_tag(self, learned: NDArray[Any], unknown: float) -> NDArray[Any]:
        """As `by_course`; what was learned of a tag that is gone goes with it."""
        return _spread(learned, self.tags, len(self._new.tags), unknown)

    def by_level(self, learned: NDArray[Any], unknown: float) -> NDArray[Any]:
        places = _places(self._old.levels, self._new.levels)
        return _spread(learned, places, len(self._new.levels), unknown)

    def rows_of_courses(self, matrix: sp.csr_matrix) -> sp.csr_matrix:
        """[new courses, any] from [old courses, any]; a new course has an empty row."""
        rows = len(self._new.courses)
        counts = np.zeros(rows, matrix.indptr.dtype)
        counts[self.courses] = np.diff(matrix.indptr)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(matrix.indptr.dtype)
        return sp.csr_matrix((matrix.data, matrix.indices, starts), shape=(rows, matrix.shape[1]))

    def between_courses(self, matrix: sp.csr_matrix) -> sp.csr_matrix:
        """[new courses, new courses] from [old courses, old courses]; new ones have no entry."""
        rows = self.rows_of_courses(matrix)
        columns, size = self.courses[rows.indices], rows.shape[0]
        return sp.csr_matrix((rows.data, columns, rows.indptr), shape=(size, size))

    def changed_users(
        self, old: sp.csr_matrix, new: sp.csr_matrix, of_tags: bool = False
    ) -> NDArray[np.bool_]:
        """bool [new users]: True where the row, before and now, is not the same.

        old, new: [users, courses], or [users, tags]. A user who is new has no row before, which
        differs from any but an empty one.
        """
        places = self.tags if of_tags else self.courses
        kept = np.flatnonzero(self.users != UNKNOWN)
        counts = np.zeros(len(self._new.users), np.int64)
        counts[self.users[kept]] = np.diff(old.indptr)[kept]
        changed: NDArray[np.bool_] = counts != np.diff(new.indptr)
        same_length = kept[~changed[self.users[kept]]]
        before, now = old[same_length], new[self.users[same_length]]
        differs = (places[before.indices] != now.indices) | (before.data != now.data)
        row = np.repeat(np.arange(len(same_length)), np.diff(before.indptr))
        changed[self.users[same_length[row[differs]]]] = True
        return changed


def _places(old: Vocabulary, new: Vocabulary) -> NDArray[np.int32]:
    return new.index_of(old.handles())


def _spread(
    learned: NDArray[Any], places: NDArray[np.int32], size: int, unknown: float
) -> NDArray[Any]:
    """[size, ...]: row i of `learned` at ``places[i]``, unless that is -1."""
    spread = np.full((size, *learned.shape[1:]), unknown, learned.dtype)
    spread[places[places != UNKNOWN]] = learned[places != UNKNOWN]
    return spread
