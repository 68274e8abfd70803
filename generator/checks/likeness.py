"""How much the lists of one section resemble those of another generation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from statistics import fmean, stdev

from generator.checks.sample import ListsOfSection
from shared.records import Handle, Ranking

ENOUGH_SUBJECTS = 50
"""Below this a share says little, and small data is somebody trying things."""
ENOUGH_GROUPS = 3
"""Each speaks for many users, and its entries are counted where there are few groups."""
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
    return _by_entries([(new.courses, old.courses)], courses)


def group_likeness(new: ListsOfSection, old: ListsOfSection, courses: int) -> Likeness | None:
    """Of rankings of the same groups. Of few groups entries are counted in place of lists, against
    lists drawn by lot and those of the other groups; None if there are few of these, too."""
    if (of_many := likeness(new, old)) is not None:
        return of_many
    groups = [group for group in new if group in old]
    pairs = [(new[group], old[group]) for group in groups]
    entries = sum(min(len(now), len(then)) for now, then in pairs)
    if len(groups) < ENOUGH_GROUPS or entries < ENOUGH_SUBJECTS:
        return None
    own = _by_entries(pairs, courses)
    mixed_up = [(new[group], old[other]) for group, other in permutations(groups, 2)]
    others = _by_entries(mixed_up, courses)
    return replace(own, by_chance=max(own.by_chance, others.share), subjects=len(groups))


def _by_entries(
    pairs: Sequence[tuple[Sequence[Handle], Sequence[Handle]]], courses: int
) -> Likeness:
    """Of all entries of these lists together, against lists drawn by lot."""
    total = sum(len(new) + len(old) for new, old in pairs)
    common = sum(len({*new} & {*old}) for new, old in pairs)
    # The mean of a hypergeometric distribution, and Poisson's bound of its spread.
    by_lot = sum(len(new) * len(old) for new, old in pairs) / courses
    spread = by_lot**0.5 / (total - by_lot)
    of_either = total - common
    return Likeness(common / of_either, by_lot / (total - by_lot), spread, len(pairs[0][0]))
