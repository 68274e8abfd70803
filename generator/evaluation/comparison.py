"""How the models of one run compare: by what they list for the same users, and for whom."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import ActivityGroup, Handle, ListOverlap, ListSpread, ModelCard, UserLists

USERS_COMPARED = 2000
ENTRIES_COMPARED = 10
QUANTILES = np.linspace(0, 1, 21)
ACTIVITY = ((0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, 31), (32, None))
"""Users by courses viewed: from, to."""


class Comparison:
    """Looks at lists on their way to the store; memory: those of 2,000 users from each model."""

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self._dataset = dataset
        users = len(dataset.users)
        chosen = np.random.default_rng(seed).permutation(users)[:USERS_COMPARED]
        self._chosen = np.zeros(users, bool)
        self._chosen[chosen] = True
        viewed = np.diff(dataset.view_seconds.indptr)
        starts = np.array([low for low, _ in ACTIVITY])
        self._group = np.searchsorted(starts, viewed, side="right") - 1
        self._known: dict[str, NDArray[np.int64]] = {}
        self._lists: dict[str, dict[Handle, UserLists]] = {}

    def passing(
        self, model_handle: str, blocks: Iterable[tuple[NDArray[np.int32], list[UserLists]]]
    ) -> Iterator[tuple[NDArray[np.int32], list[UserLists]]]:
        """The same blocks of users and their lists, looked at."""
        known = self._known[model_handle] = np.zeros(len(ACTIVITY), np.int64)
        kept = self._lists[model_handle] = {}
        for users, lists in blocks:
            known += np.bincount(self._group[users], minlength=len(ACTIVITY))
            kept |= {lists[i].user_handle: lists[i] for i in np.flatnonzero(self._chosen[users])}
            yield users, lists

    def describe(self, card: ModelCard) -> None:
        """Fill in what the lists of this model are like."""
        sample = self._lists.get(card.model_handle, {}).values()
        everybody = np.bincount(self._group, minlength=len(ACTIVITY))
        share = self._known[card.model_handle] / np.maximum(everybody, 1)
        card.known_by_activity = np.round(share, 4).tolist()
        card.spreads = {
            "similar_users": _spread([one.similar_user_scores for one in sample]),
            "recommendations": _spread([one.course_scores for one in sample]),
        }
        card.mean_viewers_share = self._mean_viewers_share([one.courses for one in sample])

    @property
    def activity(self) -> list[ActivityGroup]:
        everybody = np.bincount(self._group, minlength=len(ACTIVITY)).tolist()
        return [
            ActivityGroup(low, high, users)
            for (low, high), users in zip(ACTIVITY, everybody, strict=True)
        ]

    @property
    def overlaps(self) -> list[ListOverlap]:
        """Of each two models that this run listed, by the users who have lists from both."""
        return [
            overlap
            for one, other in combinations(self._lists, 2)
            for overlap in _overlaps(one, other, self._lists[one], self._lists[other])
        ]

    def _mean_viewers_share(self, lists: Sequence[Sequence[Handle]]) -> float | None:
        listed = [course for one in lists for course in one[:ENTRIES_COMPARED]]
        if not listed:
            return None
        viewers = self._dataset.viewers[self._dataset.courses.index_of(listed)]
        return round(float(viewers.mean()) / len(self._dataset.users), 6)


def _spread(scores: Sequence[Sequence[float]]) -> ListSpread:
    lengths = [len(one) for one in scores if one]
    if not lengths:
        return ListSpread()
    every = np.concatenate([one for one in scores if one])
    return ListSpread(
        quantiles=np.round(np.quantile(every, QUANTILES), 6).tolist(),
        mean_length=round(sum(lengths) / len(scores), 2),
    )


def _overlaps(
    one: str, other: str, first: dict[Handle, UserLists], second: dict[Handle, UserLists]
) -> Iterator[ListOverlap]:
    both = first.keys() & second.keys()
    for task, field in (("similar_users", "similar_users"), ("recommendations", "courses")):
        pairs = [(getattr(first[user], field), getattr(second[user], field)) for user in both]
        shares = [_share_in_common(mine, yours) for mine, yours in pairs if mine and yours]
        if shares:
            mean = round(sum(shares) / len(shares), 4)
            yield ListOverlap(task, one, other, mean, len(shares))


def _share_in_common(first: Sequence[Handle], second: Sequence[Handle]) -> float:
    shortest = min(len(first), len(second), ENTRIES_COMPARED)
    return len(set(first[:ENTRIES_COMPARED]) & set(second[:ENTRIES_COMPARED])) / shortest
