"""What a rule on ranked lists is: what it hides from everybody, and what it says place by place.

Lists are chosen one place at a time, for many subjects at once, from pools that are deeper than the
lists. Each rule is asked at every place:

    pool       a  b  c  d  e      candidates of one subject, best first
    forbidden  .  x  .  .  .      never here: the cap of b's tag is reached
    asked for  .  .  .  d  e      rather one of these: the share of courses few know is behind
    weighed   .9  .  .7 .2 .1     how good it is at this place

A rule is one file, and one line in `generator.reranking.registry`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.nearest.top_n import PADDING
from shared.kinds import KindName
from shared.settings import GeneratorSettings

NOBODY = -1
"""Whose list it is that is the same for everybody."""


@dataclass(frozen=True)
class Given:
    """What rules are made from."""

    settings: GeneratorSettings
    dataset: Dataset
    stands_for: NDArray[np.int32] | None = None
    """int32 [courses]: the course that stands for each, itself where there is none like it; None
    where nobody has looked."""


@dataclass(frozen=True)
class Pool:
    """What the lists of some subjects may be chosen from."""

    kind: KindName
    subjects: NDArray[np.int32]
    """int32 [rows]: users or courses, as the kind says; or NOBODY."""
    courses: NDArray[np.int32]
    """int32 [rows, depth], best first, padded with -1."""
    scores: NDArray[np.float32]
    """float32 [rows, depth]: as the model gave them."""

    @property
    def listed(self) -> NDArray[np.bool_]:
        """bool [rows, depth]: False at the padding."""
        return np.not_equal(self.courses, PADDING)

    def entries(self, per_course: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool [rows, depth]: what is said of each course, False at the padding."""
        return per_course[np.where(self.listed, self.courses, 0)] & self.listed


class Turns:
    """What one rule says while the lists of one pool are chosen. This one says nothing.

    All arrays are [rows, depth], as the pool is.
    """

    def weighed(self, worth: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32: how good each entry is now; `worth` is what it was before this rule."""
        return worth

    def forbidden(self) -> NDArray[np.bool_] | None:
        """bool: what may not be chosen, whatever else there is."""
        return None

    def asked_for(self, place: int) -> NDArray[np.bool_] | None:
        """bool: what is to be chosen from at this place, 0 the first, where any of it is left."""
        return None

    def stays_as_chosen(self) -> NDArray[np.bool_] | None:
        """bool [rows]: whose lists have a meaning in their order; None for nobody's."""
        return None

    def chose(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        """These rows of the pool have taken the entries in these columns."""


class Rule(ABC):
    """A rule as the settings have it, on the courses of one data set."""

    kinds: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    """Which lists it is for."""
    hidden: NDArray[np.bool_] | None = None
    """bool [courses]: what is left out of all these lists before they are ranked."""
    stands_for: NDArray[np.int32] | None = None
    """int32 [courses]: what is listed in the place of each."""

    @classmethod
    @abstractmethod
    def of(cls, given: Given) -> Self | None:
        """None where it has nothing to do. Raises SettingsError if the data lacks its part."""

    @property
    @abstractmethod
    def said(self) -> str:
        """What it does to lists, in a few words, for the log and the manifest."""

    def over(self, pool: Pool) -> Turns:
        """What it says of the lists of one pool."""
        return Turns()
