"""How the models of one run compare: by what they list for the same subjects, and for whom."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.checks.sample import ENTRIES_COMPARED, ListSample, ListsOfSection
from generator.dataset.dataset import Dataset
from shared.kinds import KINDS
from shared.records import ActivityGroup, Handle, ModelCard, ModelOverlap, list_section

ACTIVITY = ((0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, 31), (32, None))
"""Users by courses viewed: from, to."""


def activity_groups(dataset: Dataset) -> list[ActivityGroup]:
    users = np.bincount(_group_of_users(dataset), minlength=len(ACTIVITY)).tolist()
    return [
        ActivityGroup(low, high, count) for (low, high), count in zip(ACTIVITY, users, strict=True)
    ]


def known_by_activity(known_users: NDArray[np.int32], dataset: Dataset) -> list[float]:
    """The share of each group whom a model knows."""
    group = _group_of_users(dataset)
    known = np.bincount(group[known_users], minlength=len(ACTIVITY))
    everybody = np.bincount(group, minlength=len(ACTIVITY))
    shares: list[float] = np.round(known / np.maximum(everybody, 1), 4).tolist()
    return shares


def mean_viewers_share(lists: ListsOfSection, dataset: Dataset) -> float | None:
    """The share of all users who viewed a listed course, mean over entries; None without any."""
    listed = [course for entries in lists.values() for course in entries]
    if not listed:
        return None
    viewers = dataset.viewers[dataset.courses.index_of(listed)]
    return round(float(viewers.mean()) / len(dataset.users), 6)


def model_overlaps(cards: Sequence[ModelCard], sample: ListSample) -> list[ModelOverlap]:
    """Of each two models, kind by kind, by the subjects of the sample who have lists from both."""
    handles = [card.model_handle for card in cards]
    return list(_overlaps(handles, sample))


def _overlaps(handles: Sequence[str], sample: ListSample) -> Iterator[ModelOverlap]:
    for first, second in combinations(handles, 2):
        for kind in KINDS:
            mine, yours = (
                sample.sections.get(list_section(kind, handle), {}) for handle in (first, second)
            )
            pairs = [(mine[subject], yours[subject]) for subject in mine.keys() & yours.keys()]
            shares = [_share_in_common(*pair) for pair in pairs if all(pair)]
            if shares:
                mean = round(sum(shares) / len(shares), 4)
                yield ModelOverlap(kind, first, second, mean, len(shares))


def _group_of_users(dataset: Dataset) -> NDArray[np.intp]:
    starts = np.array([low for low, _ in ACTIVITY])
    viewed = np.diff(dataset.view_seconds.indptr)
    group: NDArray[np.intp] = np.searchsorted(starts, viewed, side="right") - 1
    return group


def _share_in_common(first: Sequence[Handle], second: Sequence[Handle]) -> float:
    return len({*first} & {*second}) / min(len(first), len(second), ENTRIES_COMPARED)
