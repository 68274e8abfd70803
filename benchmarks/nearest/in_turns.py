"""Several ways to do the same, timed in turns, so that whatever else runs slows all alike."""

import statistics
import time
from collections.abc import Callable, Mapping


def median_seconds(ways: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Each way's median of `repeats` runs, after one run of each that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(repeats + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if repeat:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
