"""What was measured of every model, kept beside the benchmarks: docs/models.md is made from it.

{"figures": {data set: {"how": ..., "users": ..., "models": {handle: Measured}}},
 "reference": {handle: {"fit": seconds, "users": seconds, "courses": seconds}},
 "newcomers": {"how": ..., "who": {handle or what it is: {known courses: NDCG@10}}}}
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

Newcomers = dict[str, dict[str, float]]
FILE = Path(__file__).with_name("measured.json")


@dataclass(frozen=True)
class Measured:
    """One model on one data set, at default options."""

    on: str
    """The day."""
    ndcg: float | None = None
    low: float | None = None
    high: float | None = None
    recall: float | None = None
    in_common: float | None = None
    """Share of neighbours with a held-out course in common."""
    loses: bool = False
    """To the most viewed courses, and not by chance."""
    why_not: str = ""
    """It was not measured."""
    slices: Mapping[str, float] = field(default_factory=dict)
    """Whose or which held-out courses -> NDCG@10."""


@dataclass
class Measurements:
    figures: dict[str, dict[str, Measured]]
    """Data set -> handle -> what was measured."""
    cuts: dict[str, str]
    """Data set -> what was held out, and of how many."""
    reference: dict[str, dict[str, float]]
    """Handle -> what -> seconds on the reference platform."""
    newcomers: Newcomers = field(default_factory=dict)
    """Handle, or what it is -> known courses -> NDCG@10, by `make bench-cold`."""
    newcomers_cut: str = ""
    """What was held out there, and of how many."""

    @classmethod
    def read(cls, file: Path) -> "Measurements":
        kept: dict[str, Any] = orjson.loads(file.read_bytes()) if file.exists() else {}
        figures = {
            name: {handle: Measured(**values) for handle, values in models.items()}
            for name, models in kept.get("figures", {}).items()
        }
        newcomers = kept.get("newcomers", {})
        return cls(
            figures,
            kept.get("cuts", {}),
            kept.get("reference", {}),
            newcomers.get("who", {}),
            newcomers.get("how", ""),
        )

    def write(self, file: Path) -> None:
        kept = {
            "figures": {
                name: {handle: asdict(one) for handle, one in models.items()}
                for name, models in self.figures.items()
            },
            "cuts": self.cuts,
            "reference": self.reference,
            "newcomers": {"how": self.newcomers_cut, "who": self.newcomers},
        }
        file.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")
