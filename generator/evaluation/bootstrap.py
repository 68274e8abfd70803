"""How sure a mean over users is, and whether one model is really better than another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.evaluation.metrics import PerUser

RESAMPLES = 1000
FLIPS = 10_000
LEVEL = 0.95
CELLS_PER_BLOCK = 8_000_000


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """`first` against `second` on the same users, by the difference of their means."""

    first: str
    second: str
    difference: Interval
    p: float
    """Two-sided; of sign flips, so never below 1 / (flips + 1)."""
    p_corrected: float
    """Holm's correction for all comparisons of the table."""

    @property
    def is_real(self) -> bool:
        return self.p_corrected < 1 - LEVEL


def intervals(columns: Sequence[PerUser], seed: int, resamples: int = RESAMPLES) -> list[Interval]:
    """Mean and 95 % percentile interval of each column, users drawn with replacement (Efron 1979).

    columns: each float64 [users], the same users in each; NaN leaves a user out of that column. All
    columns see the same draws. NaN three times where nobody has a value.
    """
    if not columns:
        return []
    table = np.column_stack(columns)
    present = ~np.isnan(table)
    values = np.where(present, table, 0)
    # Twice as fast, and exact enough for the ends of an interval.
    single, counting = values.astype(np.float32), present.astype(np.float32)
    random = np.random.default_rng(seed)
    means = np.full((resamples, len(columns)), np.nan)
    for rows in _blocks(resamples, len(table)):
        weights = _draws(random, rows.stop - rows.start, len(table))
        counted = weights @ counting
        np.divide(weights @ single, counted, out=means[rows], where=counted > 0)
    tail = 100 * (1 - LEVEL) / 2
    found = []
    for column, filled, drawn in zip(values.T, present.T, means.T, strict=True):
        if not filled.any():
            found.append(Interval(*[float("nan")] * 3))
            continue
        low, high = np.nanpercentile(drawn, [tail, 100 - tail])
        found.append(Interval(float(column.sum() / filled.sum()), float(low), float(high)))
    return found


def compare(
    names: Sequence[str], columns: Sequence[PerUser], seed: int, flips: int = FLIPS
) -> list[Comparison]:
    """Every pair of models, paired by user: interval of the difference and a randomisation test.

    The test flips the sign of each user's difference at random (Fisher 1935; for rankings Smucker
    et al. 2007): p is how often the mean is then at least as far from 0. Holm's (1979) correction
    holds the chance of any false "real" in the table at 5 %.
    """
    pairs = list(combinations(range(len(names)), 2))
    if not pairs or not len(columns[0]):
        return []
    differences = [columns[a] - columns[b] for a, b in pairs]
    found = intervals(differences, seed)
    p_values = _sign_flips(np.column_stack(columns), pairs, np.random.default_rng(seed), flips)
    corrected = holm(p_values)
    return [
        Comparison(names[a], names[b], found[i], float(p_values[i]), float(corrected[i]))
        for i, (a, b) in enumerate(pairs)
    ]


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Step-down correction: the smallest times m, the next times m - 1, ..., never descending."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1)
    return corrected


def _sign_flips(
    table: NDArray[np.float64],
    pairs: Sequence[tuple[int, int]],
    random: np.random.Generator,
    flips: int,
) -> NDArray[np.float64]:
    first, second = np.array(pairs).T
    observed = np.abs(table[:, first].sum(axis=0) - table[:, second].sum(axis=0))
    as_far = np.zeros(len(pairs))
    # Sums that are equal but for rounding must count as equal.
    slack = 1e-6 * np.abs(table).sum(axis=0).max()
    single, total = table.astype(np.float32), table.sum(axis=0)
    for rows in _blocks(flips, len(table)):
        packed = random.integers(0, 256, (rows.stop - rows.start, -(-len(table) // 8)), np.uint8)
        kept = np.unpackbits(packed, axis=1, count=len(table)).astype(np.float32)
        sums = 2 * (kept @ single) - total
        as_far += (np.abs(sums[:, first] - sums[:, second]) >= observed - slack).sum(axis=0)
    p_values: NDArray[np.float64] = (as_far + 1) / (flips + 1)
    return p_values


def _draws(random: np.random.Generator, rows: int, users: int) -> NDArray[np.float32]:
    """float32 [rows, users]: how often each user is drawn when as many are drawn as there are."""
    drawn = random.integers(0, users, (rows, users), np.int32)
    return np.stack([np.bincount(row, minlength=users) for row in drawn]).astype(np.float32)


def _blocks(total: int, width: int) -> list[slice]:
    step = max(1, CELLS_PER_BLOCK // max(width, 1))
    return [slice(start, min(start + step, total)) for start in range(0, total, step)]
