"""Two views of each sequence, that a network learns to recognise as one user's.

            a b c d e f
crop        . b c d . .      a part, the rest is gone
mask        a _ c d _ f      some courses are hidden
reorder     a d c b e f      a part is shuffled
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generator.networks.sequence_batches import NextCourseBatches
from generator.networks.sequences import COURSES, MASKED, Sequences, Windows

VIEWS = ("first_view", "second_view")
"""int32 [rows, length] each: courses as in `COURSES`, `MASKED` where one is hidden."""
USER = "user"
"""int32 [rows]: 1 + whose sequence the row is a part of, 0 for a row that is empty."""


class ContrastiveBatches(NextCourseBatches):
    """Windows and the course after each step, and two views of each window (Xie et al., ICDE 2022).

    Each view is made in one of the three ways, by lot; what else is known of steps is in no view.
    """

    def __init__(
        self,
        sequences: Sequences,
        windows: Windows,
        length: int,
        seed: int,
        *,
        cropped_to: float,
        masked: float,
        reordered: float,
    ) -> None:
        """Shares of a sequence: what a crop leaves, what is hidden, what is shuffled."""
        super().__init__(sequences, windows, length, seed)
        self._ways: tuple[Callable[..., NDArray[np.int32]], ...] = (_cropped, _masked, _reordered)
        self._shares = cropped_to, masked, reordered

    def _examples(
        self, windows: Windows, size: int, random: np.random.Generator
    ) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
        inputs, targets = super()._examples(windows, size, random)
        courses = inputs[COURSES]
        views = {name: self._view(courses, windows.lengths, random) for name in VIEWS}
        users = np.searchsorted(self._sequences.offsets, windows.starts, side="right")
        return {**inputs, **views, USER: users.astype(np.int32)}, targets

    def _view(
        self, courses: NDArray[np.int32], lengths: NDArray[np.int64], random: np.random.Generator
    ) -> NDArray[np.int32]:
        view, way_of_row = courses.copy(), random.integers(len(self._ways), size=len(courses))
        for number, (way, share) in enumerate(zip(self._ways, self._shares, strict=True)):
            rows = np.flatnonzero(way_of_row == number)
            view[rows] = way(courses[rows], lengths[rows], share, random)
        return view


def _cropped(
    courses: NDArray[np.int32],
    lengths: NDArray[np.int64],
    share: float,
    random: np.random.Generator,
) -> NDArray[np.int32]:
    """A part of each row, from its beginning on."""
    starts, parts = _parts(lengths, share, random)
    step = np.arange(courses.shape[1])
    source = np.minimum(starts[:, None] + step, courses.shape[1] - 1)
    part = np.take_along_axis(courses, source, axis=1)
    return np.where(step < parts[:, None], part, 0).astype(np.int32)


def _masked(
    courses: NDArray[np.int32],
    lengths: NDArray[np.int64],
    share: float,
    random: np.random.Generator,
) -> NDArray[np.int32]:
    """Each row with a share of its courses hidden, and one left in any case."""
    order = random.random(courses.shape)
    order[np.arange(courses.shape[1]) >= lengths[:, None]] = 1
    rank = np.argsort(np.argsort(order, axis=1), axis=1)
    hidden = np.minimum(np.rint(share * lengths), lengths - 1)
    return np.where(rank < hidden[:, None], MASKED, courses).astype(np.int32)


def _reordered(
    courses: NDArray[np.int32],
    lengths: NDArray[np.int64],
    share: float,
    random: np.random.Generator,
) -> NDArray[np.int32]:
    """Each row with a part of it shuffled."""
    starts, parts = _parts(lengths, share, random)
    step = np.arange(courses.shape[1])[None, :]
    inside = (step >= starts[:, None]) & (step < (starts + parts)[:, None])
    # Steps of the part take each other's places: by lot there, as they are elsewhere.
    order = np.where(inside, starts[:, None] + random.random(courses.shape) * parts[:, None], step)
    return np.take_along_axis(courses, np.argsort(order, axis=1, kind="stable"), axis=1)


def _parts(
    lengths: NDArray[np.int64], share: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where a part of each row begins, by lot, and how long it is: one step at least."""
    parts = np.clip(np.rint(share * lengths), 1, None).astype(np.int64)
    parts = np.minimum(parts, lengths)
    return random.integers(lengths - parts + 1), parts
