"""A matcher that was learned from labelled pairs: boosted trees, kept as plain numbers.

    FILE    {"format": 1, "features": [...], "threshold": .4, "base": -1.2, "rate": .05,
             "trees": [{"feature": [...], "at": [...], "left": [...], "right": [...],
                        "value": [...]}, ...], "learned_from": {...}}

A leaf has -1 for its branches. The probability of a pair is the sigmoid of base + rate x the sum of
the values of the leaves that it ends in (Friedman 2001).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from shared.errors import SettingsError

FORMAT = 1
LEAF = -1


@dataclass(frozen=True)
class Tree:
    feature: list[int]
    at: list[float]
    """A pair whose feature is not above it goes left."""
    left: list[int]
    right: list[int]
    value: list[float]

    def values(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64 [pairs]: what the leaf says that each ends in."""
        feature, at = np.array(self.feature), np.array(self.at)
        left, right = np.array(self.left), np.array(self.right)
        node, rows = np.zeros(len(features), np.int64), np.arange(len(features))
        while (inner := left[node] != LEAF).any():
            goes_left = features[rows, feature[node]] <= at[node]
            node = np.where(inner, np.where(goes_left, left[node], right[node]), node)
        return np.array(self.value)[node]


@dataclass(frozen=True)
class Matcher:
    features: list[str]
    """Names, in the order of the columns that it takes."""
    threshold: float
    """From this probability on two are the same."""
    base: float
    rate: float
    trees: list[Tree]
    learned_from: dict[str, float] = field(default_factory=dict)
    """pairs, duplicates, and the F1 on pairs that were left out in turn."""
    format: int = FORMAT

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [pairs]. features: [pairs, names], of `self.features`."""
        scores = np.full(len(features), self.base)
        for tree in self.trees:
            scores += self.rate * tree.values(features)
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-scores))
        return probabilities.astype(np.float32)

    def columns(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Where its features are among `names`, -1 for those of attributes that the data lacks."""
        places: Mapping[str, int] = {name: place for place, name in enumerate(names)}
        return np.array([places.get(name, -1) for name in self.features])

    def write(self, path: Path) -> None:
        """Raises SettingsError if the file cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written ({error.strerror}).") from None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises SettingsError if there is none, or one that this version does not understand."""
        try:
            said: Any = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path} is no matcher: {error}. {HOW_TO_LEARN}") from None
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise SettingsError(f"{path} is no matcher of this version. {HOW_TO_LEARN}")
        try:
            matcher = TypeAdapter(cls).validate_python(said)
        except ValidationError as error:
            raise SettingsError(f"{path} is damaged: {error.errors()[0]['msg']}.") from None
        if not all(_is_whole(tree, len(matcher.features)) for tree in matcher.trees):
            raise SettingsError(f"{path} is damaged: a tree has no such branch. {HOW_TO_LEARN}")
        return matcher


HOW_TO_LEARN = "`python run_generator.py duplicates --labels FILE` learns one."


def _is_whole(tree: Tree, features: int) -> bool:
    """Whether every branch leads further on, to a node that is there."""
    nodes = len(tree.value)
    parts = tree.feature, tree.at, tree.left, tree.right
    if not nodes or any(len(part) != nodes for part in parts):
        return False
    branches = enumerate(zip(tree.left, tree.right, tree.feature, strict=True))
    return all(
        left == right == LEAF
        or (node < left < nodes and node < right < nodes and 0 <= feature < features)
        for node, (left, right, feature) in branches
    )
