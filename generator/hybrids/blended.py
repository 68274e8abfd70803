"""Hybrids that add several models' scores: what they learn, and how a list becomes one."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.hybrids.base import Hybrid, Rehearsal
from generator.hybrids.union import Scale, union_of
from generator.hybrids.weights import USERS, best_weights
from generator.lists.candidates import DeepLists
from generator.models.registry import model_class
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import PADDING, TopN, empty_top_n
from shared.kinds import KindName

SUBJECTS_PER_BLOCK = 1024
LEAST = np.float32(1e-6)
"""As scores are rounded."""


def in_one_space(
    lists: Mapping[str, DeepLists], kind: KindName, subjects: NDArray[np.int32]
) -> list[TopN]:
    """The lists of each model: where scores of one are logits, of the others their logarithms.

    lists: by handle. What is not above 0 has no logarithm, and counts as if it nearly were not.
    """
    tops = {handle: of_model.of(subjects) for handle, of_model in lists.items()}
    logits = {handle for handle in tops if kind in model_class(handle).logit_kinds}
    if not logits:
        return list(tops.values())
    return [top if handle in logits else _logarithms(top) for handle, top in tops.items()]


def _logarithms(top: TopN) -> TopN:
    logarithms = np.log(np.maximum(top.scores, LEAST))
    return top._replace(scores=np.where(top.indices == PADDING, np.float32(0), logarithms))


class Blended(Hybrid):
    """Weighted sum of scores that were made comparable within each subject's lists.

    Its options have `components` and `scale`, and may have `weights` by handle, whose models are
    components too. Without weights they are learned: those whose lists are worth most in the
    rehearsal (`generator.hybrids.weights`). Where nothing was learned either, all count alike.
    """

    learned = (*Hybrid.learned, "_weights")
    learns_from: ClassVar[int] = USERS
    """Users whose lists are blended again and again to find weights, at most."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._scale: Scale = self.options["scale"]
        self._weights = dict(self.options.get("weights", {}))
        self.uses = tuple(dict.fromkeys([*self.options["components"], *self._weights]))

    @property
    def measures(self) -> Mapping[str, float]:
        return {f"weight_{handle}": round(part, 4) for handle, part in self.parts.items()}

    @property
    def parts(self) -> Mapping[str, float]:
        """Handle -> its part of the whole, for a subject whom all components know."""
        weights = self._weights_of_components()
        return dict(zip(self.components, (weights / weights.sum()).tolist(), strict=True))

    def _learn(self, rehearsal: Rehearsal) -> None:
        if self._weights or not len(rehearsal.users):
            return
        kind = self.serves[0]
        lists = dict(rehearsal.candidates.lists(kind, self.uses))
        if lists:
            listed = partial(in_one_space, lists, kind)
            weights = best_weights(listed, self._scale, rehearsal, self.learns_from)
            self._weights = dict(zip(lists, weights.tolist(), strict=True))

    def _weights_of_components(self) -> NDArray[np.float32]:
        """float32 [components]: alike where nothing was said or learned of any of them."""
        weights = np.array([self._weights.get(name, 0) for name in self.components], np.float32)
        return weights if weights.any() else np.ones(len(weights), np.float32)

    def _weights_for(self, subjects: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 [components, subjects], or [components, 1] where they are the same for all."""
        return self._weights_of_components()[:, None]

    def _blend(self, subjects: NDArray[np.int32], n: int) -> TopN:
        top = empty_top_n(len(subjects), n)
        for start in range(0, len(subjects), SUBJECTS_PER_BLOCK):
            rows = slice(start, start + SUBJECTS_PER_BLOCK)
            top.indices[rows], top.scores[rows] = self._blended(subjects[rows], n)
        return top

    def _blended(self, subjects: NDArray[np.int32], n: int) -> TopN:
        union = union_of(in_one_space(self._lists, self.serves[0], subjects), self._scale)
        return top_n_of_scores(
            union.blended(self._weights_for(subjects)),
            n,
            ties=self._search.ties(self.serves[0], subjects),
            indices=union.entries,
            above=0,
        )
