"""How sure a matcher is that two courses are the same."""

import numpy as np
from numpy.typing import NDArray

from generator.duplicates.features import PairFeatures
from generator.duplicates.likeness import Verdicts
from generator.duplicates.matcher import Matcher
from generator.duplicates.records import Records
from generator.duplicates.weighted import MISSING, Rows


class LearnedLikeness:
    """The probability of pairs of the compared courses, by their places among these."""

    def __init__(self, matcher: Matcher, records: Records) -> None:
        """records: of the compared courses."""
        self._matcher, self._features = matcher, PairFeatures(records)
        self._columns = matcher.columns(self._features.names)

    @property
    def threshold(self) -> float:
        return self._matcher.threshold

    def of(self, left: Rows, right: Rows) -> Verdicts:
        probabilities = self._matcher.probabilities(self.features(left, right))
        return Verdicts(probabilities, ["by the learned matcher"] * len(left))

    def features(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """float32 [pairs, features of the matcher]; those of attributes that are not here are
        MISSING."""
        values = self._features.of(left, right)
        known = self._columns >= 0
        chosen = np.full((len(left), len(self._columns)), MISSING, np.float32)
        chosen[:, known] = values[:, self._columns[known]]
        return chosen
