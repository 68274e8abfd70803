"""The courses that a ranker looks at: the best of a blend, and what each model says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.hybrids.blended import in_one_space
from generator.hybrids.union import Scale, union_of
from generator.lists.candidates import DeepLists
from generator.nearest.top_n import PADDING
from generator.ranking import listed_features
from shared.kinds import KindName

CONSIDERED = 100
"""So many of all that any model lists for a user."""
LEAST_SHARE = np.float32(0.01)
"""Of the whole weight, for each model: what one without weight lists may be considered too."""


class Shortlist(NamedTuple):
    courses: NDArray[np.int32]
    """int32 [users, CONSIDERED]: best first by the blend, then -1."""
    listed: list[NDArray[np.float32]]
    """`generator.ranking.listed_features` of these, float32 [users, CONSIDERED] each."""


@dataclass(frozen=True)
class Shortlists:
    lists: Mapping[str, DeepLists | None]
    """By handle, in the order of features; None for a model that did not run."""
    kind: KindName
    scale: Scale
    weights: NDArray[np.float32]
    """float32 [models], their sum 1."""

    def of(self, users: NDArray[np.int32]) -> Shortlist:
        there = {handle: lists for handle, lists in self.lists.items() if lists is not None}
        is_there = np.array([lists is not None for lists in self.lists.values()])
        tops = in_one_space(there, self.kind, users)
        union, by_rank = (union_of(tops, scale) for scale in (self.scale, "rank"))
        weights = np.maximum(self.weights[is_there], LEAST_SHARE)[:, None]
        blended = union.blended(weights)
        best = np.argsort(-blended, axis=1, kind="stable")[:, :CONSIDERED]
        missing = CONSIDERED - best.shape[1]
        taken = np.take_along_axis(blended, best, axis=1)
        courses = np.take_along_axis(union.entries, best, axis=1)
        scores, ranks = (
            self._of_all(np.take_along_axis(of, best[None], axis=2), is_there, missing)
            for of in (union.scores, by_rank.scores)
        )
        knows = np.zeros((len(is_there), len(users)), bool)
        knows[is_there] = union.knows
        wider = (0, 0), (0, missing)
        listed = listed_features.features(np.pad(taken, wider), scores, ranks, knows)
        return Shortlist(np.pad(courses, wider, constant_values=PADDING), listed)

    def _of_all(
        self, of_those_there: NDArray[np.float32], is_there: NDArray[np.bool_], missing: int
    ) -> NDArray[np.float32]:
        """float32 [models, users, CONSIDERED]; 0 of those that did not run."""
        shape = len(is_there), *of_those_there.shape[1:]
        of_all = np.zeros(shape, np.float32)
        of_all[is_there] = of_those_there
        return np.pad(of_all, ((0, 0), (0, 0), (0, missing)))
