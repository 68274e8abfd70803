"""All rules of a run over all lists: deeper lists in, lists that keep to the rules out.

model      100 entries each, or more where too few of them may stay
offered    those that are on offer: what hybrids are made from, too
choose     place by place, by what the rules say, until the list is full
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.nearest.top_n import PADDING, TopN, empty_top_n
from generator.reranking.duplicates import offered_instead
from generator.reranking.greedy import choose
from generator.reranking.registry import RULES
from generator.reranking.rule import NOBODY, Given, Pool, Rule
from shared.kinds import KINDS, KindName
from shared.settings import GeneratorSettings

POOL = 100
"""Entries that a list is chosen from, or its own length if that is more."""
DEEPER = 4
"""Times as deep each further time, where a list is not full."""
DEEPEST = 6400
"""For rules that forbid; what is not on offer is looked past without end."""
ENTRIES_PER_PART = 2**21
"""Of deep lists that are made at a time."""
ENTRIES_PER_STEP = 2**16
"""Of pools that are chosen from at a time: they stay in the processor's cache."""

Subjects = NDArray[np.int32]
Rank = Callable[[Subjects, int], TopN]
"""(subjects, n) -> the `n` best of each, as a model has them."""


class Ruled(NamedTuple):
    shown: TopN
    """What is listed, with the scores that the model gave; their order is the rules'."""
    found: NDArray[np.int32]
    """int32 [rows, n]: what the model has there, another course only where one stands for it."""

    @classmethod
    def empty(cls, rows: int, n: int) -> Self:
        return cls(empty_top_n(rows, n), np.full((rows, n), PADDING, np.int32))

    def put(self, rows: slice | NDArray[np.int64], part: "Ruled") -> None:
        """Write the lists of some rows among those of all."""
        self.found[rows] = part.found
        self.shown.indices[rows], self.shown.scores[rows] = part.shown


class RulesOfKind:
    """The rules for lists of one kind; there is at least one."""

    def __init__(self, kind: KindName, rules: Sequence[Rule], dataset: Dataset) -> None:
        self._kind, self._rules, self._courses = kind, rules, len(dataset.courses)
        hidden = [rule.hidden for rule in rules if rule.hidden is not None]
        self.hidden = np.logical_or.reduce(hidden) if hidden else None
        self.listed_for = next((r.stands_for for r in rules if r.stands_for is not None), None)
        """int32 [courses]: what is listed in the place of each; None where that is itself."""
        if self.listed_for is not None and self.hidden is not None:
            self.listed_for = offered_instead(self.listed_for, self.hidden, dataset.viewers)

    @staticmethod
    def depth(n: int) -> int:
        """How deep lists must be that lists of `n` are chosen from."""
        return max(n, POOL)

    def offered(self, rank: Rank, subjects: Subjects, n: int) -> TopN:
        """The `n` best of what is on offer: fewer only where the model lists no more of it."""
        if self.hidden is None:
            return rank(subjects, n)
        top, rows, depth = empty_top_n(len(subjects), n), np.arange(len(subjects)), n
        while len(rows):
            step, unsettled = max(1, ENTRIES_PER_PART // depth), []
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                ranked = rank(subjects[part], depth)
                first = _without(self.hidden, ranked).first(n)
                top.indices[part], top.scores[part] = first
                ended = ranked.indices[:, -1] == PADDING
                unsettled.append(part[(first.indices[:, -1] == PADDING) & ~ended])
            rows = np.concatenate(unsettled) if depth < self._courses else rows[:0]
            depth = min(DEEPER * depth, self._courses)
        return top

    def lists(self, rank: Rank, subjects: Subjects, pool: TopN, n: int) -> Ruled:
        """Lists of `n` from a pool that is `offered`; from a deeper one where they are not full."""
        ruled = self._chosen(subjects, pool, n)
        rows, depth = np.arange(len(subjects)), pool.indices.shape[1]
        while True:
            listed = ruled.found[rows, -1] != PADDING
            rows = rows[~listed & (pool.indices[:, -1] != PADDING)]
            depth *= DEEPER
            if not len(rows) or depth > DEEPEST:
                return ruled
            pool = self.offered(rank, subjects[rows], depth)
            ruled.put(rows, self._chosen(subjects[rows], pool, n))

    def ranking(self, rank: Rank, n: int) -> TopN:
        """One list of `n` for nobody in particular, as a row; `rank` is asked for subject -1."""
        nobody = np.array([NOBODY], np.int32)
        return self.lists(rank, nobody, self.offered(rank, nobody, self.depth(n)), n).shown

    def seen(self, seen: sp.csr_matrix) -> sp.csr_matrix:
        """bool [users, courses]: beside what was seen, what is listed in the place of it."""
        if self.listed_for is None:
            return seen
        instead = (seen.data, self.listed_for[seen.indices], seen.indptr)
        every = (seen + sp.csr_matrix(instead, shape=seen.shape)).tocsr()
        every.sort_indices()
        return every

    def _chosen(self, subjects: Subjects, pool: TopN, n: int) -> Ruled:
        ruled = Ruled.empty(len(subjects), n)
        step = max(1, ENTRIES_PER_STEP // pool.indices.shape[1])
        for start in range(0, len(subjects), step):
            rows = slice(start, start + step)
            part = TopN(pool.indices[rows], pool.scores[rows])
            ruled.put(rows, self._chosen_at_once(subjects[rows], part, n))
        return ruled

    def _chosen_at_once(self, subjects: Subjects, top: TopN, n: int) -> Ruled:
        courses = top.indices
        if self.listed_for is not None:
            courses = np.where(courses == PADDING, PADDING, self.listed_for[courses])
        pool = Pool(self._kind, subjects, courses, top.scores)
        columns = choose(pool, [rule.over(pool) for rule in self._rules], n)
        rows, listed = np.arange(len(courses))[:, None], columns != PADDING
        shown = np.where(listed, courses[rows, columns], PADDING)
        scores = np.where(listed, top.scores[rows, columns], np.float32(0))
        return Ruled(TopN(shown, scores), np.where(listed, top.indices[rows, columns], PADDING))


class Rules:
    """The rules of a run, by kind of list. Without any, lists are what models say, at no cost."""

    def __init__(self, of_kinds: Mapping[KindName, RulesOfKind], said: Sequence[str] = ()) -> None:
        """said: what each rule does, in a few words."""
        self._of_kinds, self.said = of_kinds, list(said)

    @classmethod
    def made_of(cls, rules: Sequence[Rule], dataset: Dataset) -> Self:
        of_kinds = {kind: [rule for rule in rules if kind in rule.kinds] for kind in KINDS}
        return cls(
            {kind: RulesOfKind(kind, own, dataset) for kind, own in of_kinds.items() if own},
            [rule.said for rule in rules],
        )

    def of(self, kind: KindName) -> RulesOfKind | None:
        """None where lists of this kind have no rules."""
        return self._of_kinds.get(kind)

    @property
    def listed_for(self) -> NDArray[np.int32] | None:
        """int32 [courses]: what is recommended in the place of each; None where that is itself."""
        rules = self.of("recommendations")
        return rules.listed_for if rules else None

    def offered(self, dataset: Dataset) -> Dataset:
        """The data to fit models on, so that their searches know what is not on offer."""
        hidden = self.hidden("recommendations")
        return dataset if hidden is None else replace(dataset, not_offered=hidden)

    def hidden(self, kind: KindName) -> NDArray[np.bool_] | None:
        """bool [courses]: what lists of this kind never hold; None if there is nothing."""
        return self._of_kinds[kind].hidden if kind in self._of_kinds else None


def rules_of(
    settings: GeneratorSettings, dataset: Dataset, stands_for: NDArray[np.int32] | None = None
) -> Rules:
    """What the settings and the data ask for, on the courses of `dataset`.

    stands_for: int32 [courses], the course that is listed for each. Raises SettingsError if a rule
    needs what the data does not have.
    """
    given = Given(settings, dataset, stands_for)
    rules = [rule for each in RULES if (rule := each.of(given)) is not None]
    return Rules.made_of(rules, dataset)


NO_RULES = Rules({})
"""Where lists are what the model says."""


def _without(hidden: NDArray[np.bool_], top: TopN) -> TopN:
    """The same lists, what is left moved to the left."""
    kept = (top.indices != PADDING) & ~hidden[top.indices]
    order = np.argsort(~kept, axis=1, kind="stable")
    indices = np.where(kept, top.indices, PADDING)
    scores = np.where(kept, top.scores, np.float32(0))
    return TopN(*(np.take_along_axis(part, order, axis=1) for part in (indices, scores)))
