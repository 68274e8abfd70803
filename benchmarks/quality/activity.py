"""Figures by how much is known of a user: who carries the new, and who the known."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.targets import Target
from generator.evaluation.protocols import Split
from generator.hybrids.activity import BINS, bin_of

DEVIATIONS = 1.96
"""What is no more than noise, in standard errors of the mean difference."""


def by_activity(
    name: str, handle: str, per_user: Mapping[str, NDArray[np.float64]], split: Split
) -> Iterator[Target]:
    """Prints a table by viewed courses; a hybrid is never to be worse than the best single model.

    per_user: handle -> float64 [users of the split]. Yields a target for each bin with users.
    """
    bins = bin_of(split.train, split.users)
    counts = np.bincount(bins, minlength=len(BINS))
    print(f"    viewed courses:  {'  '.join(BINS)}  (users: {' '.join(map(str, counts))})")
    filled = np.flatnonzero(counts)
    means = {model: [of[bins == one].mean() for one in filled] for model, of in per_user.items()}
    for model, of_bins in sorted(means.items(), key=lambda row: float(per_user[row[0]].mean())):
        print(f"    {'  '.join(f'{mean:.4f}' for mean in of_bins)}  {model}", flush=True)
    singles = [model for model in per_user if not model.endswith("hybrid")]
    for place, one in enumerate(filled):
        best = max(singles, key=lambda model: means[model][place])
        apart = (per_user[handle] - per_user[best])[bins == one]
        noise = DEVIATIONS * apart.std() / np.sqrt(len(apart))
        yield Target(
            f"{name} {handle}, {BINS[one]} viewed courses, beside {best} less noise",
            means[handle][place],
            means[best][place] - noise,
        )
