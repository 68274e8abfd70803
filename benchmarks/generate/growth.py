"""How cost grows with the platform: seconds ~ interactions ** exponent."""

import math
from collections.abc import Sequence

from benchmarks.generate.runs import Run

LEAST_SECONDS = 1.0
"""Below this a stage says more about the clock than about growth."""
ALL_PAIRS = "list "
"""How stages begin that compare every user with every other."""


def exponent(small: float, large: float, ratio: float) -> float:
    return math.log(large / small) / math.log(ratio)


def print_growth(runs: Sequence[Run]) -> None:
    """One line a stage: its seconds at each size, and the exponent between neighbours."""
    sizes = "  ".join(f"{run.scale:>9g}" for run in runs)
    print(f"\nSeconds by size, and growth exponents between sizes:\n{'stage':<48}{sizes}")
    for stage in runs[-1].manifest.stages:
        seconds = [run.seconds_of(stage.name) for run in runs]
        print(_line(stage.name, seconds, runs))
    for name, of_all_pairs in (("all but all-pairs", False), ("all-pairs", True)):
        print(_line(name, [total(run, of_all_pairs) for run in runs], runs))


def total(run: Run, of_all_pairs: bool) -> float:
    """Seconds of the stages that do, or do not, compare every user with every other."""
    return sum(
        stage.seconds
        for stage in run.manifest.stages
        if stage.name.startswith(ALL_PAIRS) == of_all_pairs
    )


def _line(name: str, seconds: Sequence[float], runs: Sequence[Run]) -> str:
    exponents = [
        f"{exponent(a, b, large.scale / small.scale):.2f}" if a >= LEAST_SECONDS else "-"
        for a, b, small, large in zip(seconds, seconds[1:], runs, runs[1:], strict=False)
    ]
    shown = "  ".join(f"{s:9.1f}" for s in seconds)
    return f"{name:<48}{shown}   {' '.join(exponents)}"
