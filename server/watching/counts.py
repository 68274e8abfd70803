"""Counts in the memory of this process: a number, or a histogram, by labels.

A lookup takes some 30 us, so that what it counts may take a fraction of one: here are plain numbers
under a lock, and other processes learn of them behind the requests (`shared_counts`).
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from operator import add

Add = Callable[[float], None]
Numbers = list[float]
"""Of a counter, one; of a histogram, how many values each bucket has, and their sum."""
Labelled = dict[tuple[str, ...], Numbers]
Snapshot = dict[str, list[tuple[Sequence[str], Numbers]]]
"""Name -> labels and numbers of each that was counted; it can be written as JSON."""


class Counts:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, tuple[str, ...]], Numbers] = {}

    def counter(self, name: str, *labels: str) -> Add:
        """What adds to the counter of that name and those labels, which is 0 until then."""
        numbers, lock = self._numbers_of(name, labels, 1), self._lock

        def count(more: float) -> None:
            with lock:
                numbers[0] += more

        return count

    def histogram(self, name: str, bounds: Sequence[float], *labels: str) -> Add:
        """What counts a value into the bucket of the first bound that is not below it."""
        numbers, lock = self._numbers_of(name, labels, len(bounds) + 2), self._lock

        def observe(value: float) -> None:
            bucket = bisect_left(bounds, value)
            with lock:
                numbers[bucket] += 1
                numbers[-1] += value

        return observe

    def snapshot(self) -> Snapshot:
        taken: Snapshot = {}
        with self._lock:
            for (name, labels), numbers in self._numbers.items():
                taken.setdefault(name, []).append((labels, [*numbers]))
        return taken

    def _numbers_of(self, name: str, labels: tuple[str, ...], length: int) -> Numbers:
        with self._lock:
            return self._numbers.setdefault((name, labels), [0] * length)


def summed(snapshots: Iterable[Snapshot]) -> dict[str, Labelled]:
    """The numbers of several processes added up: name -> labels -> numbers."""
    sums: dict[str, Labelled] = {}
    for snapshot in snapshots:
        for name, counted in snapshot.items():
            of_name = sums.setdefault(name, {})
            for labels, numbers in counted:
                add_numbers(of_name, tuple(labels), numbers)
    return sums


def add_numbers(sums: Labelled, labels: tuple[str, ...], numbers: Numbers) -> None:
    """Add to what `sums` has under these labels; where it has nothing, that is what it has then."""
    known = sums.get(labels)
    sums[labels] = numbers if known is None else [*map(add, known, numbers)]
