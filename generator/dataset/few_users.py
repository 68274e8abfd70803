"""A few users of a data set, with what they did since, and their rows in the place of the old ones.

whole  [0] a b      few  [0] c d e      few.into(whole)  [0] a b
       [1] c d           = row 1                         [1] c d e
       [2] f                                             [2] f
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset


@dataclass(frozen=True)
class FewUsers:
    dataset: Dataset
    """Of these users alone, on the courses, tags and levels of the whole."""
    rows: NDArray[np.int32]
    """int32, ascending: their row numbers in the whole."""

    def into(self, whole: sp.csr_matrix, theirs: sp.csr_matrix) -> sp.csr_matrix:
        """[users of the whole, any] with their rows; theirs: [few users, any]."""
        theirs.sort_indices()
        counts = np.diff(whole.indptr)
        counts[self.rows] = np.diff(theirs.indptr)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(whole.indptr.dtype)
        data, indices = (
            self._woven(of_whole, whole.indptr, of_few, theirs.indptr)
            for of_whole, of_few in (
                (whole.data, theirs.data.astype(whole.data.dtype, copy=False)),
                (whole.indices, theirs.indices),
            )
        )
        return sp.csr_matrix((data, indices, starts), shape=whole.shape)

    def put(self, whole: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        """[users of the whole, ...] with theirs, [few users, ...]; a copy."""
        whole = whole.copy()
        whole[self.rows] = theirs
        return whole

    def in_the_place_of(self, whole: Dataset) -> Dataset:
        """The whole as far as lists need it: what is seen, viewed and followed is theirs now. What
        else is known of users is as it was."""
        views = self.into(whole.view_seconds, self.dataset.view_seconds)
        interests = self.into(whole.interests, self.dataset.interests)
        completions = self.into(whole.completions, self.dataset.completions)
        made = replace(whole, view_seconds=views, interests=interests, completions=completions)
        # It is a sum over all views, which takes longer than the rows of a few.
        made.__dict__["seen"] = self.into(whole.seen, self.dataset.seen)
        return made

    def _woven(
        self,
        whole: NDArray[Any],
        whole_starts: NDArray[Any],
        theirs: NDArray[Any],
        their_starts: NDArray[Any],
    ) -> NDArray[Any]:
        pieces, after = [], 0
        for place, row in enumerate(self.rows.tolist()):
            pieces.append(whole[after : whole_starts[row]])
            pieces.append(theirs[their_starts[place] : their_starts[place + 1]])
            after = whole_starts[row + 1]
        return np.concatenate([*pieces, whole[after:]])
