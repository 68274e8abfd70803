"""A few users of a data set, with what they did since, and their rows in the place of the old ones.

whole  [0] a b      few  [0] c d e      few.into(whole)  [0] a b
       [1] c d           = row 1                         [1] c d e
       [2] f                                             [2] f
"""

from dataclasses import dataclass, replace
from functools import cached_property
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
    whole: Dataset

    @cached_property
    def now(self) -> Dataset:
        """The whole as far as lists need it: what these users have seen, viewed, completed and
        follow is new. What else is known of users is as it was."""
        whole, few = self.whole, self.dataset
        now = replace(
            whole,
            view_seconds=self.into(whole.view_seconds, few.view_seconds),
            interests=self.into(whole.interests, few.interests),
            completions=self.into(whole.completions, few.completions),
        )
        # It is a sum over all views, which takes longer than the rows of a few.
        now.__dict__["seen"] = self.into(whole.seen, few.seen)
        return now

    def into(self, whole: sp.csr_matrix, theirs: sp.csr_matrix) -> sp.csr_matrix:
        """[users of the whole, any] with their rows; theirs: [few users, any]."""
        theirs.sort_indices()
        data, indices = (
            self.woven(of_whole, whole.indptr, of_few, theirs.indptr)
            for of_whole, of_few in ((whole.data, theirs.data), (whole.indices, theirs.indices))
        )
        starts = self.starts(whole.indptr, theirs.indptr)
        return sp.csr_matrix((data, indices, starts), shape=whole.shape)

    def put(self, whole: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        """[users of the whole, ...] with theirs, [few users, ...]; a copy."""
        whole = whole.copy()
        whole[self.rows] = theirs
        return whole

    def starts(self, whole: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        """[users of the whole + 1]: where each one's part begins in what `woven` gives; whole,
        theirs: where parts begin in what it is given."""
        lengths = np.diff(whole)
        lengths[self.rows] = np.diff(theirs)
        return np.concatenate([[0], np.cumsum(lengths)]).astype(whole.dtype)

    def woven(
        self,
        whole: NDArray[Any],
        whole_starts: NDArray[Any],
        theirs: NDArray[Any],
        their_starts: NDArray[Any],
    ) -> NDArray[Any]:
        """Parts of all users end to end, with theirs in the place of the old ones."""
        pieces, after = [], 0
        for place, row in enumerate(self.rows.tolist()):
            pieces.append(whole[after : whole_starts[row]])
            pieces.append(theirs[their_starts[place] : their_starts[place + 1]])
            after = whole_starts[row + 1]
        return np.concatenate([*pieces, whole[after:]]).astype(whole.dtype, copy=False)
