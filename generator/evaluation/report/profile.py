"""What the data is like, whatever any model makes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.evaluation.protocols import Split


@dataclass(frozen=True)
class Profile:
    users: int
    courses: int
    viewed_pairs: int
    held_out_pairs: int
    courses_per_user: NDArray[np.int64]
    """int64: of users with any course, ascending; train and test together."""
    users_per_course: NDArray[np.int64]
    """int64: of courses with any user, descending."""
    tags_per_user: NDArray[np.int64]
    tags_per_course: NDArray[np.int64]
    levels: dict[str, float]
    """Level -> share of the training pairs that name one."""

    @property
    def density(self) -> float:
        return self.viewed_pairs / max(self.users * self.courses, 1)


def profile_of(split: Split) -> Profile:
    train = split.train
    viewed = train.seen + split.held_out
    per_user = np.diff(viewed.tocsr().indptr)
    per_course = np.bincount(viewed.tocsr().indices, minlength=len(train.courses))
    counts = np.bincount(train.viewed_levels.data.astype(int), minlength=len(train.levels) + 1)[1:]
    shares = counts / max(counts.sum(), 1)
    return Profile(
        users=len(train.users),
        courses=len(train.courses),
        viewed_pairs=viewed.nnz,
        held_out_pairs=split.held_out.nnz,
        courses_per_user=np.sort(per_user[per_user > 0]),
        users_per_course=np.sort(per_course[per_course > 0])[::-1],
        tags_per_user=np.diff(train.interests.indptr),
        tags_per_course=np.diff(train.course_tags.indptr),
        levels=dict(zip(map(str, train.levels.handles()), shares.tolist(), strict=True)),
    )
