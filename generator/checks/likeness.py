"""How much the lists of one section resemble those of another generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from generator.checks.sample import ListsOfSection
from shared.records import Handle, Ranking

ENOUGH_SUBJECTS = 50
"""Below this a share says little, and small data is somebody trying things."""
SAME_FOR_ALL = 0.5
"""Subjects with so much in common have one list in effect, and mixing them up changes nothing."""


@dataclass(frozen=True)
class Likeness:
    """Mean Jaccard overlap of the first ten entries with the same subject's other list."""

    share: float
    by_chance: float
    """The same with another subject's list: what is left when handles are mixed up."""
    error: float
    """Standard error of the difference of the two."""
    subjects: int

    @property
    def beyond_chance(self) -> float:
        """1 if equal, 0 if a subject's list is no more like its own than like anybody's."""
        return (self.share - self.by_chance) / (1 - self.by_chance) if self.by_chance < 1 else 1.0

    def is_at_least(self, least: float) -> bool:
        """True if it is, and not by luck of the sample, or if all have the same list anyway."""
        if least == 0 or self.by_chance > SAME_FOR_ALL:
            return True
        return self.beyond_chance >= least and self.share - self.by_chance > 2 * self.error


def likeness(new: ListsOfSection, old: ListsOfSection) -> Likeness | None:
    """None if fewer than 50 subjects have a list in either, of those with a row in both."""
    subjects = [s for s in new if s in old and (new[s] or old[s])]
    if len(subjects) < ENOUGH_SUBJECTS:
        return None
    own = [jaccard(new[s], old[s]) for s in subjects]
    # Half of the sample away: handles side by side may belong together.
    away = subjects[len(subjects) // 2 :] + subjects[: len(subjects) // 2]
    others = [jaccard(new[s], old[other]) for s, other in zip(subjects, away, strict=True)]
    differences = [mine - theirs for mine, theirs in zip(own, others, strict=True)]
    error = stdev(differences) / len(subjects) ** 0.5
    return Likeness(fmean(own), fmean(others), error, len(subjects))


def jaccard(first: Sequence[Handle], second: Sequence[Handle]) -> float:
    union = len({*first} | {*second})
    return len({*first} & {*second}) / union if union else 1.0


def ranking_likeness(new: Ranking | None, old: Ranking | None, courses: int) -> Likeness | None:
    """Of two lists for everybody, against two drawn by lot. None if there are few courses."""
    if new is None or old is None or min(len(new.courses), len(old.courses)) < ENOUGH_SUBJECTS:
        return None
    total = len(new.courses) + len(old.courses)
    # The mean of a hypergeometric distribution, and Poisson's bound of its spread.
    common = len(new.courses) * len(old.courses) / courses
    spread = common**0.5 / (total - common)
    by_chance = common / (total - common)
    return Likeness(jaccard(new.courses, old.courses), by_chance, spread, len(new.courses))
