"""Hybrids that add several models' scores: what they learn, and how a list becomes one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.hybrids.base import Hybrid, Rehearsal
from generator.hybrids.union import Scale, union_of
from generator.hybrids.weights import best_weights
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import TopN, empty_top_n

SUBJECTS_PER_BLOCK = 1024


class Blended(Hybrid):
    """Weighted sum of scores that were made comparable within each subject's lists.

    Its options have `weights`, by handle, and `scale`. Without weights they are learned: those
    whose lists are worth most in the rehearsal (`generator.hybrids.weights`). Where nothing was
    learned either, all components count alike.
    """

    learned = (*Hybrid.learned, "_weights")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._scale: Scale = self.options["scale"]
        self._weights = {str(name): weight for name, weight in self.options["weights"].items()}

    @property
    def measures(self) -> Mapping[str, float]:
        """The part of each model, 0 to 1, for a user whom all of them know."""
        parts = self._weights_of_components()
        return {
            f"weight_{handle}": round(float(part), 4)
            for handle, part in zip(self.components, parts / parts.sum(), strict=True)
        }

    def _learn(self, rehearsal: Rehearsal) -> None:
        if self.options["weights"] or not len(rehearsal.users):
            return
        lists = dict(rehearsal.candidates.lists(self.serves[0], self.uses))
        if lists:
            weights = best_weights(list(lists.values()), self._scale, rehearsal)
            self._weights = dict(zip(lists, weights.tolist(), strict=True))

    def _weights_of_components(self) -> NDArray[np.float32]:
        """float32 [components]: alike where nothing was said or learned of any of them."""
        weights = np.array([self._weights.get(name, 0) for name in self.components], np.float32)
        return weights if weights.any() else np.ones(len(weights), np.float32)

    def _blend(self, subjects: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(subjects), n)
        for start in range(0, len(subjects), SUBJECTS_PER_BLOCK):
            rows = slice(start, start + SUBJECTS_PER_BLOCK)
            top.indices[rows], top.scores[rows] = self._blended(subjects[rows], n)
        return top

    def _blended(self, subjects: NDArray[np.int32], n: int) -> TopN:
        lists = [of_model.of(subjects) for of_model in self._lists.values()]
        union = union_of(lists, self._scale)
        return top_n_of_scores(
            union.blended(self._weights_of_components()),
            n,
            ties=self._search.ties(self.serves[0], subjects),
            indices=union.entries,
            above=0,
        )
