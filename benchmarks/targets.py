"""The last lines of every benchmark: each target with what was measured, and whether it was met."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Something to reach: `measured` at least `wanted`, or at most if `at_most`."""

    name: str
    measured: float
    wanted: float
    unit: str = ""
    at_most: bool = False
    stretch: float | None = None

    @property
    def met(self) -> bool:
        return self._reaches(self.wanted)

    def line(self) -> str:
        sign = "<=" if self.at_most else ">="
        line = f"{self.name}  {self.measured:.4g}{self.unit}  {sign} {self.wanted:g}{self.unit}"
        if self.stretch is not None:
            reached = "reached" if self._reaches(self.stretch) else "not reached"
            line += f" (stretch {self.stretch:g}{self.unit} {reached})"
        return f"{line}  {'ok' if self.met else 'short'}"

    def _reaches(self, limit: float) -> bool:
        return self.measured <= limit if self.at_most else self.measured >= limit


def conclude(targets: Sequence[Target]) -> int:
    """Print one line per target; returns the exit code: 0 if all were met, 1 if one is short."""
    for target in targets:
        print(target.line())
    return 0 if all(target.met for target in targets) else 1
