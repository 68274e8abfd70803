"""What the lists of one model look like as a whole, counted while they pass."""

from collections import Counter
from collections.abc import Iterable, Iterator

from shared.records import Handle, ListFacts, UserLists


class ListCounter:
    """Counts lists on their way to the store; memory: one number per listed course."""

    def __init__(self) -> None:
        self._facts = ListFacts()
        self._listed: Counter[Handle] = Counter()

    def passing(self, lists: Iterable[UserLists]) -> Iterator[UserLists]:
        """The same lists, counted."""
        for one in lists:
            self._facts.users += 1
            self._facts.empty += not (one.similar_users or one.courses)
            self._facts.without_similar_users += not one.similar_users
            self._facts.without_courses += not one.courses
            self._listed.update(one.courses)
            yield one

    @property
    def facts(self) -> ListFacts:
        self._facts.distinct_courses = len(self._listed)
        total = self._listed.total()
        squares = sum(count * count for count in self._listed.values())
        # Hill (1973), order 2.
        self._facts.effective_courses = round(total * total / squares, 2) if squares else 0.0
        return self._facts
