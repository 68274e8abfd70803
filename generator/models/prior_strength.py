"""How much is believed beforehand, by how alike two of a kind are."""

import numpy as np

LEAST_LIKENESS, MOST_LIKENESS = 1e-4, 0.5
"""Within which the correlation of two of a kind is believed: priors of 9,999 to 1."""


def prior_strength(likeness: float) -> float:
    """Of a Beta(mean * s, (1 - mean) * s) the s, by the correlation of two who draw from it.

    A kind of which s are known is believed half by them and half by what was believed before
    (beta-binomial: ``likeness = 1 / (s + 1)``; Kleinman 1973).
    """
    return float(1 / np.clip(likeness, LEAST_LIKENESS, MOST_LIKENESS) - 1)
