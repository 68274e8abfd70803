"""The plain answer, in float64: every score, sorted by score, then by the rule for ties."""

import numpy as np

from generator.nearest.ties import TieOrder, salts_of


def brute_force_top_n(
    scores: np.ndarray, n: int, order: TieOrder, salts: np.ndarray
) -> list[list[int]]:
    """Column numbers, best first; entries of -inf are never listed."""
    ranked = []
    columns = np.arange(np.shape(scores)[1])
    for row, salt in zip(np.round(np.asarray(scores, np.float64), 6), salts, strict=True):
        best = np.lexsort((order.places(salt[None], columns), -row))
        ranked.append([int(i) for i in best[:n] if row[i] > -np.inf])
    return ranked


def listed(indices: np.ndarray) -> list[list[int]]:
    return [[int(i) for i in row if i >= 0] for row in indices]


def some_order(entries: int, classes: int = 1) -> TieOrder:
    """Of `entries` in `classes` classes, drawn."""
    if classes == 1:
        return TieOrder(np.arange(entries))
    return TieOrder(
        np.arange(entries), np.random.default_rng(entries).integers(0, classes, entries)
    )


def some_salts(rows: int) -> np.ndarray:
    return salts_of(np.arange(rows, dtype=np.uint64))


def in_order(entries: int) -> TieOrder:
    """The lower index first, for everybody."""
    return TieOrder(np.arange(entries), np.arange(entries))
