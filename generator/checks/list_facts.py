"""What the lists of one kind from one model look like as a whole, counted on their way."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from generator.checks.sample import ListSample
from generator.dataset.dataset import Dataset
from shared.kinds import KindName
from shared.records import Handle, ListFacts, ListRow, ListSpread, RankingsKind

Hidden = NDArray[np.bool_] | None
"""bool [courses]: what is in no list; None if everything may be."""
QUANTILES = np.linspace(0, 1, 21)


class ListWatch:
    """Looks at lists on their way to the store; memory: one number per listed entry."""

    def __init__(
        self, kind: KindName | RankingsKind, sample: ListSample, could_list: NDArray[np.bool_]
    ) -> None:
        """`sample` is given the lists of its subjects. could_list: bool [subjects], True where
        something is left that such a list may hold."""
        self._kind = kind
        self._could_list = could_list
        self._sample = sample
        self._facts = ListFacts()
        self._listed: Counter[Handle] = Counter()
        self._scores: list[list[float]] = []

    def look_at(self, subjects: NDArray[np.int32], rows: Sequence[ListRow]) -> None:
        """Some of the lists; subjects: int32 row numbers, in the order of the rows."""
        self._count(subjects, rows)
        sampled = [rows[place] for place in self._sample.places(self._kind, subjects)]
        self._scores += [row.scores for row in sampled]
        if rows:
            self._sample.keep(rows[0].section, sampled)

    @property
    def facts(self) -> ListFacts:
        self._facts.distinct_entries = len(self._listed)
        total = self._listed.total()
        squares = sum(count * count for count in self._listed.values())
        # Hill (1973), order 2.
        self._facts.effective_entries = round(total * total / squares, 2) if squares else 0.0
        return self._facts

    @property
    def spread(self) -> ListSpread:
        """Of the lists of the sample."""
        return _spread(self._scores)

    def _count(self, subjects: NDArray[np.int32], rows: Sequence[ListRow]) -> None:
        empty = np.fromiter((not row.entries for row in rows), bool, len(rows))
        self._facts.subjects += len(rows)
        self._facts.empty += int(empty.sum())
        self._facts.exhausted += int((empty & ~self._could_list[subjects]).sum())
        self._listed.update(chain.from_iterable(row.entries for row in rows))


def could_list(kind: KindName, dataset: Dataset, hidden: Hidden = None) -> NDArray[np.bool_]:
    """bool [subjects]: True where something is left that such a list may hold.

    A user who has seen every course that anybody has viewed, and that is not hidden, cannot be
    recommended one, and a course that every user has seen is for nobody. Whoever has completed all
    that they began has nothing to resume.
    """
    users, courses = len(dataset.users), len(dataset.courses)
    seen, offered = dataset.seen, np.ones(courses, bool) if hidden is None else ~hidden
    match kind:
        case "similar_users":
            return np.full(users, users > 1)
        case "similar_courses":
            others = offered.sum() - offered
            return np.asarray(others > 0)
        case "recommendations":
            viewed = (dataset.viewers > 0) & offered
            of_user: NDArray[np.int64] = np.asarray(seen[:, viewed].sum(axis=1)).ravel()
            return of_user < int(viewed.sum())
        case "course_users":
            active = np.diff(seen.indptr) > 0
            of_course: NDArray[np.int64] = np.asarray(seen[active].sum(axis=0)).ravel()
            return of_course < int(active.sum())
        case "resume":
            begun = (dataset.view_seconds > 0).astype(np.int32)
            unfinished = begun - begun.multiply(dataset.completions)
            return np.asarray(unfinished @ offered.astype(np.int32) > 0)


def _spread(scores: Sequence[Sequence[float]]) -> ListSpread:
    filled = [of_list for of_list in scores if of_list]
    if not filled:
        return ListSpread()
    every = np.concatenate(filled)
    return ListSpread(
        quantiles=np.round(np.quantile(every, QUANTILES), 6).tolist(),
        mean_length=round(len(every) / len(scores), 2),
    )
