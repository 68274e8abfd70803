"""What is to be known of each course, whoever is asked about."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.course_words import has_words, weighted_texts
from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from generator.dataset.level_progress import level_heights
from generator.dataset.take_ups import take_ups
from generator.ranking.known import Asked, Known
from generator.text.terms import Reading
from generator.text.tfidf import Field, Limits, TfidfSpace

NAMES = ("popularity", "rise", "age_days", "idle_days", "completion", "rating", "level", "n_tags")
QUARTERS = tuple(f"viewed_in_quarter_{quarter}" for quarter in range(4))
"""Of a day in UTC: the part of a course's dated views that fell into each."""
LATE = 0.75
"""Take-ups from this part of all on, in order of time, are late."""
EXPECTED = 5.0
"""A course's late take-ups are drawn to what all have as if there were so many more."""
MICROSECONDS_PER_DAY = 86_400_000_000
TITLE_WEIGHT = TAG_WEIGHT = 3
PAIR_COURSES, MAX_TERMS = 3, 200_000


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES."""
    facts = known.courses[asked.courses]
    return [facts[:, :, place] for place in range(len(NAMES))]


def facts_of(dataset: Dataset) -> NDArray[np.float32]:
    """float32 [courses, NAMES and QUARTERS]; NaN where nothing tells."""
    size = len(dataset.courses)
    taken = take_ups(dataset.interactions, size)
    times = dataset.interactions.times[taken.views]
    facts = [
        np.log1p(dataset.viewers),
        *_over_time(taken.courses, times, size),
        _shares(np.bincount(dataset.completions.indices, minlength=size), dataset.viewers),
        _means(dataset.ratings),
        level_heights(dataset),
        np.diff(dataset.course_tags.indptr),
        *_by_quarter(dataset, size).T,
    ]
    return np.stack([np.asarray(of_courses, np.float32) for of_courses in facts], axis=1)


def texts_of(dataset: Dataset) -> sp.csr_matrix:
    """float32 [courses, terms], rows of length 1 or empty."""
    if not has_words(dataset):
        return sp.csr_matrix((len(dataset.courses), 0), dtype=np.float32)
    fields = [Field(*part) for part in weighted_texts(dataset, TITLE_WEIGHT, TAG_WEIGHT)]
    limits = Limits(PAIR_COURSES, 1.0, MAX_TERMS)
    return TfidfSpace.learned(fields, Reading(True, "none"), limits)[1]


def _over_time(
    courses: NDArray[np.int32], times: NDArray[np.int64], size: int
) -> list[NDArray[np.float64]]:
    """Rise (log of late take-ups over what the whole lets expect), days since first and last."""
    unknown = np.full(size, np.nan)
    dated = times != UNDATED
    if not dated.any():
        return [unknown, unknown, unknown]
    courses, times = courses[dated], times[dated]
    late = times >= np.quantile(times, LATE)
    every = np.bincount(courses, minlength=size)
    expected = every * late.mean() + EXPECTED
    rise = np.log((np.bincount(courses[late], minlength=size) + EXPECTED) / expected)
    first, last = np.full(size, np.nan), np.full(size, np.nan)
    by_time = np.argsort(times, kind="stable")
    last[courses[by_time]] = times[by_time]
    first[courses[by_time[::-1]]] = times[by_time[::-1]]
    now = times.max()
    return [rise, *((now - time) / MICROSECONDS_PER_DAY for time in (first, last))]


def _shares(some: NDArray[np.int64], of_all: NDArray[np.int64]) -> NDArray[np.float64]:
    """With one more for and one more against, so that 1 of 1 is not the most."""
    return (some + 1) / (of_all + 2) if some.any() else np.full(len(some), np.nan)


def _means(ratings: sp.csr_matrix) -> NDArray[np.float64]:
    counts = np.bincount(ratings.indices, minlength=ratings.shape[1])
    sums = np.bincount(ratings.indices, ratings.data, ratings.shape[1])
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _by_quarter(dataset: Dataset, size: int) -> NDArray[np.float64]:
    interactions = dataset.interactions
    dated = interactions.times != UNDATED
    quarters = quarter_of(interactions.times[dated])
    counts = np.zeros((size, len(QUARTERS)))
    np.add.at(counts, (interactions.courses[dated], quarters), 1)
    shares: NDArray[np.float64] = (counts + 1) / (counts + 1).sum(axis=1, keepdims=True)
    return shares


def quarter_of(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 to 3: which quarter of a day in UTC; times in microseconds."""
    quarters: NDArray[np.int64] = times % MICROSECONDS_PER_DAY * 4 // MICROSECONDS_PER_DAY
    return quarters
