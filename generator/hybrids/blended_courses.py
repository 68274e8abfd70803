"""Hybrids that put several models' courses into one list, each with its reasons."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Input
from generator.hybrids.blended import Blended, in_one_space
from generator.hybrids.union import comparable
from generator.nearest.top_n import PADDING, TopN
from generator.reasons.reasons import Reasons, no_reasons
from shared.kinds import KindName
from shared.records import ReasonKind


class BlendedCourses(Blended):
    """Recommendations, with the reasons of the model that contributes most to an entry."""

    serves: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    needs: ClassVar[tuple[Input, ...]] = ("views",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._blend(users, n)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        """Of each entry those of the model that contributes most, of the models that explain it."""
        reasons, most = no_reasons(listed), np.zeros(listed.shape, np.float32)
        weights = self._weights_for(subjects)[:, :, None]
        tops = in_one_space(self._lists, kind, subjects)
        for weight, lists, top in zip(weights, self._lists.values(), tops, strict=True):
            if lists.explained and lists.reason_kind == self.reason_kinds[kind]:
                scores = weight * comparable(top, self._scale)[:, : lists.explained]
                is_it = listed[:, :, None] == top.indices[:, None, : lists.explained]
                place = is_it.argmax(axis=2)
                score = np.where(is_it.any(axis=2), np.take_along_axis(scores, place, axis=1), 0)
                row, entry = np.nonzero((score > most) & (listed != PADDING))
                most[row, entry] = score[row, entry]
                for part, why in zip(reasons, lists.why(subjects), strict=True):
                    part[row, entry] = why[row, place[row, entry]]
        return reasons
