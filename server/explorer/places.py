"""Sets of places in a directory as whole numbers: bit i is the course at place i.

What numpy would do with arrays, Python's own numbers do at the speed of C: a million bits are cut,
joined and counted within 0.1 ms.
"""

import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any


def places_of(stored: Mapping[str, Any]) -> int:
    """From a row in which the generator keeps a set (`generator/lists/facets.py`)."""
    if "at" in stored:
        return reduce(or_, (1 << place for place in stored["at"]), 0)
    return int.from_bytes(zlib.decompress(b64decode(stored["set"])), "little")


def places_from(chosen: int, first: int) -> Iterator[int]:
    """Those that are chosen, ascending from `first` on."""
    left = chosen >> first
    while left:
        step = (left & -left).bit_length()
        first += step
        left >>= step
        yield first - 1


def places_before(chosen: int, end: int) -> Iterator[int]:
    """Those that are chosen, descending from below `end`."""
    left = chosen & ((1 << end) - 1)
    while left:
        last = left.bit_length() - 1
        left ^= 1 << last
        yield last
