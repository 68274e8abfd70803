"""The plain answer, in float64: every score, sorted by score and then by index."""

import numpy as np


def brute_force_top_n(scores: np.ndarray, n: int) -> list[list[int]]:
    """Column numbers, best first, ties by lower column; entries of -inf are never listed."""
    ranked = []
    for row in np.asarray(scores, np.float64):
        order = np.lexsort((np.arange(len(row)), -row))
        ranked.append([int(i) for i in order[:n] if row[i] > -np.inf])
    return ranked


def listed(indices: np.ndarray) -> list[list[int]]:
    return [[int(i) for i in row if i >= 0] for row in indices]
