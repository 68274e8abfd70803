"""The duplicates of a data set: read, block, judge, group, choose."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.duplicates.candidates import Progress, candidate_pairs
from generator.duplicates.catalogue import Catalogue, catalogue_of
from generator.duplicates.grouping import groups_of
from generator.duplicates.groups import CourseGroups
from generator.duplicates.keep import order_of
from generator.duplicates.learned_likeness import LearnedLikeness
from generator.duplicates.likeness import CourseLikeness, Likeness
from generator.duplicates.matcher import Matcher
from generator.duplicates.records import Records, records_of
from generator.duplicates.weighted import Rows, of_words

PAIRS_PER_BLOCK = 100_000


def duplicates_of(
    dataset: Dataset,
    keep: str,
    matcher: Matcher | None = None,
    threads: int = 1,
    progress: Progress = lambda done, total: None,
) -> CourseGroups:
    """Groups of courses that are the same, by what is written of them.

    keep: which of a group stands for it, a name in `generator.duplicates.keep.KEEPS`; of equal
    ones the more viewed, then the first. matcher: decides instead of `CourseLikeness`. Without
    texts every course is unique.
    """
    if not len(dataset.texts):
        return CourseGroups.none(len(dataset.courses))
    preferred = np.lexsort(
        (np.arange(len(dataset.courses)), -dataset.viewers, -order_of(keep, dataset))
    )
    rank = np.empty(len(preferred), np.int64)
    rank[preferred] = np.arange(len(preferred))
    return grouped(records_of(dataset), rank, matcher, threads, progress)


def grouped(
    records: Records,
    rank: NDArray[np.int64],
    matcher: Matcher | None = None,
    threads: int = 1,
    progress: Progress = lambda done, total: None,
) -> CourseGroups:
    """The same of any records. rank: int64, the lowest of a group stands for it."""
    catalogue = catalogue_of(records)
    compared = catalogue.compared
    descriptions = of_words(
        records.descriptions[course] if catalogue.text_of[course] >= 0 else ""
        for course in compared.tolist()
    )
    titles = [catalogue.titles[course] for course in compared.tolist()]
    left, right = candidate_pairs(titles, descriptions, threads, progress)
    likeness: Likeness = CourseLikeness(catalogue, descriptions)
    if matcher is not None:
        likeness = LearnedLikeness(matcher, records.of(compared))
    verdicts = _in_blocks(likeness, left, right)
    groups = groups_of(
        len(compared),
        left,
        right,
        verdicts,
        likeness.threshold,
        lambda a, b: likeness.of(a, b).likeness,
    )
    stands_for = _standing(catalogue, [compared[group] for group in groups], rank)
    return _explained(catalogue, likeness, stands_for)


def _in_blocks(likeness: Likeness, left: Rows, right: Rows) -> NDArray[np.float32]:
    found = np.empty(len(left), np.float32)
    for start in range(0, len(left), PAIRS_PER_BLOCK):
        block = slice(start, start + PAIRS_PER_BLOCK)
        found[block] = likeness.of(left[block], right[block]).likeness
    return found


def _standing(
    catalogue: Catalogue, groups: Sequence[NDArray[np.int32]], rank: NDArray[np.int64]
) -> NDArray[np.int32]:
    """int32 [courses]: of each group, copies included, the course of the lowest rank."""
    group_of = np.arange(len(rank), dtype=np.int32)
    for courses in groups:
        group_of[courses] = courses[0]
    group_of = group_of[catalogue.copy_of]
    by_group = np.lexsort((rank, group_of)).astype(np.int32)
    _, first, place = np.unique(group_of[by_group], return_index=True, return_inverse=True)
    stands_for = np.empty_like(group_of)
    stands_for[by_group] = by_group[first][place]
    return stands_for


def _explained(
    catalogue: Catalogue, likeness: Likeness, stands_for: NDArray[np.int32]
) -> CourseGroups:
    similarity, why = np.ones(len(stands_for), np.float32), [""] * len(stands_for)
    merged = np.flatnonzero(stands_for != np.arange(len(stands_for)))
    ours, theirs = catalogue.copy_of[merged], catalogue.copy_of[stands_for[merged]]
    for course in merged[ours == theirs].tolist():
        why[course] = "same text"
    others = np.flatnonzero(ours != theirs)
    left, right = (
        np.searchsorted(catalogue.compared, side[others]).astype(np.int32)
        for side in (ours, theirs)
    )
    for start in range(0, len(others), PAIRS_PER_BLOCK):
        block = slice(start, start + PAIRS_PER_BLOCK)
        verdicts = likeness.of(left[block], right[block])
        courses = merged[others[block]]
        similarity[courses] = verdicts.likeness
        for course, words in zip(courses.tolist(), verdicts.why, strict=True):
            why[course] = words
    return CourseGroups(stands_for, similarity, why)
