"""Several models' courses in one list, by weights that depend on how much is known of a user."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.hybrids.activity import BINS, bin_of, growing, is_collaborative, shrunk
from generator.hybrids.base import Rehearsal
from generator.hybrids.blended import in_one_space
from generator.hybrids.blended_courses import BlendedCourses
from generator.hybrids.components import OF_ALL_KINDS, Components, CourseScale
from generator.hybrids.weights import best_weights
from generator.lists.candidates import DeepLists
from generator.models.options import ModelOptions


class ProgressiveHybridOptions(ModelOptions):
    components: Components = Field(list(OF_ALL_KINDS))
    scale: CourseScale = "z-score"


class ProgressiveHybrid(BlendedCourses):
    """Weighted sum of scores, by other weights the more courses a user has viewed.

    Assumes that who has viewed little is told of by other models than who has viewed much. Score:
    as that of `weighted_hybrid`, with weights of the user's bin (1, 2, 3-5, 6-20 or more viewed
    courses). They are learned on views held out: first those of all users, from these on those of
    each bin, drawn back to those of all the more the fewer users it has, then moved so that the
    part of collaborative models (which learn from what others viewed) falls from no bin to the
    next, against content, interests and rankings for everybody (`generator.hybrids.activity`).
    Where nothing was learned all count alike. Cost: as that of `weighted_hybrid`, and five searches
    for weights more.
    """

    handle = "progressive_hybrid"
    title = "Several models in one list, as much is known of the user"
    uses = OF_ALL_KINDS
    Options = ProgressiveHybridOptions
    config: ProgressiveHybridOptions
    learned = (*BlendedCourses.learned, "_of_bins")

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._of_bins: dict[str, list[float]] = {}
        """Handle -> its weight in each bin; empty if nothing was learned."""

    @property
    def measures(self) -> Mapping[str, float]:
        """The part of each model for the average user, and of collaborative ones in each bin."""
        if not self._of_bins:
            return super().measures
        weights = self._bins_of_components()
        grows = [is_collaborative(handle) for handle in self.components]
        shares = (weights[grows].sum(axis=0) / weights.sum(axis=0)).tolist()
        of_bins = {
            f"collaborative_{bin_name}": round(share, 4)
            for bin_name, share in zip(BINS, shares, strict=True)
        }
        return {**super().measures, **of_bins}

    def _learn(self, rehearsal: Rehearsal) -> None:
        super()._learn(rehearsal)
        lists = dict(rehearsal.candidates.lists(self.serves[0], self.uses))
        if lists and len(rehearsal.users):
            of_bins = self._weights_of_bins(lists, rehearsal)
            self._of_bins = dict(zip(lists, of_bins.T.tolist(), strict=True))

    def _weights_of_bins(
        self, lists: Mapping[str, DeepLists], rehearsal: Rehearsal
    ) -> NDArray[np.float32]:
        """float32 [bins, models]."""
        listed = partial(in_one_space, lists, self.serves[0])
        of_all = np.array([self._weights[handle] for handle in lists], np.float32)
        bins = bin_of(rehearsal.dataset, rehearsal.users)
        users = np.bincount(bins, minlength=len(BINS))
        of_bins = np.tile(of_all, (len(BINS), 1))
        for number in np.flatnonzero(users):
            theirs = np.flatnonzero(bins == number)
            part = replace(
                rehearsal, users=rehearsal.users[theirs], held_out=rehearsal.held_out[theirs]
            )
            of_bins[number] = best_weights(listed, self._scale, part, self.learns_from, of_all)
        grows = np.array([is_collaborative(handle) for handle in lists])
        return growing(shrunk(of_bins, users, of_all), users, grows)

    def _weights_for(self, subjects: NDArray[np.int32]) -> NDArray[np.float32]:
        if not self._of_bins:
            return super()._weights_for(subjects)
        return self._bins_of_components()[:, bin_of(self.dataset, subjects)]

    def _bins_of_components(self) -> NDArray[np.float32]:
        """float32 [components, bins]; what the rehearsal did not have counts nothing."""
        nothing = [0.0] * len(BINS)
        weights = [self._of_bins.get(handle, nothing) for handle in self.components]
        return np.array(weights, np.float32).reshape(-1, len(BINS))
