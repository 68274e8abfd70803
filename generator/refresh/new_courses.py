"""Courses that were added since: who and what they are listed for.

new course --most alike--> old courses, whose lists may now name it
           --their viewers, who follows its tags--> users, whose lists may
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.hybrids.base import Hybrid
from generator.lists.course_facts import course_facts
from generator.lists.ranked import blocks_of, listed_block
from generator.models.base import Model
from generator.nearest.top_n import PADDING, TopN
from generator.reranking.rules import Rules
from shared.kinds import KINDS, KindName
from shared.records import FactsRow, ListRow

ALIKE = 200
"""Old courses a new one is compared with: four lists of 50, since it may be in the lists of courses
that are not in its own."""
AUDIENCE = 1000
"""Users a new course is offered to before they do anything; whoever does something is in any case.
"""


class NewCourses:
    """In the data as it is now."""

    def __init__(self, described: Dataset, dataset: Dataset, rules: Rules) -> None:
        """described: what was said of them, and nothing else. dataset: which has them too."""
        self._described, self._dataset, self._rules = described, dataset, rules
        handles = described.courses.handles()
        self._handles = frozenset(handles)
        self._rows = np.sort(dataset.courses.index_of(handles))

    def facts(self) -> Iterator[FactsRow]:
        """What servers know a course by."""
        return course_facts(self._described)

    def lists(self, model: Model, n: int, reasons: int) -> Iterator[ListRow]:
        """Of a model that is up to date: theirs, and those of others that name one of them now."""
        known = np.intersect1d(self._rows, model.known_courses()).astype(np.int32)
        if isinstance(model, Hybrid) or not len(known):
            return
        for name in model.serves:
            if KINDS[name].subject == "course":
                yield from self._listed(model, name, known, n, reasons)
        if "similar_courses" in model.serves:
            alike = model.similar_courses(known, max(ALIKE, n))
            old = np.setdiff1d(alike.indices[alike.indices != PADDING], known)
            yield from self._naming(model, "similar_courses", old, n, reasons)
            if "recommendations" in model.serves:
                users = np.intersect1d(self._audience(known, alike), model.known_users())
                yield from self._naming(model, "recommendations", users, n, reasons)

    def _naming(
        self, model: Model, kind: KindName, subjects: NDArray[np.int32], n: int, reasons: int
    ) -> Iterator[ListRow]:
        """Lists of these subjects that have a new course among their entries."""
        for row in self._listed(model, kind, subjects.astype(np.int32), n, reasons):
            if not self._handles.isdisjoint(row.entries):
                yield row

    def _listed(
        self, model: Model, kind: KindName, subjects: NDArray[np.int32], n: int, reasons: int
    ) -> Iterator[ListRow]:
        for block in blocks_of(subjects):
            yield from listed_block(model, kind, block, n, reasons, rules=self._rules)

    def _audience(self, courses: NDArray[np.int32], alike: TopN) -> NDArray[np.int32]:
        """Users whom one of these courses may suit: those who have seen most of what is like it,
        and follow most of its tags."""
        dataset = self._dataset
        near, there = alike.indices, alike.indices != PADDING
        starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        shape = len(courses), len(dataset.courses)
        likeness = sp.csr_matrix((alike.scores[there], near[there], starts), shape)
        seen = likeness @ dataset.seen.T.astype(np.float32)
        follow = dataset.course_tags[courses] @ dataset.interests.T
        best = [
            suits.indices[np.argsort(-suits.data, kind="stable")[:AUDIENCE]]
            for suits in sp.csr_matrix(seen + follow)
        ]
        return np.unique(np.concatenate(best))
