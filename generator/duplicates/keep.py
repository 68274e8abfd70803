"""Which course of a group stands for the others."""

import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.duplicates.titles import read_title

DATED = re.compile("publish|creat|updat|releas|date", re.IGNORECASE)
DATE = re.compile(r"(?:19|20)[0-9]{2}[-/.]?[0-9]{2}[-/.]?[0-9]{2}")

Order = NDArray[np.float64]


def order_of(keep: str, dataset: Dataset) -> Order:
    """float64 [courses]: of a group the largest is kept. keep: a name in KEEPS."""
    return KEEPS[keep](dataset)


def _most_completed(dataset: Dataset) -> Order:
    return np.bincount(dataset.completions.indices, minlength=len(dataset.courses)).astype(float)


def _most_viewed(dataset: Dataset) -> Order:
    return dataset.viewers.astype(float)


def _longest_text(dataset: Dataset) -> Order:
    texts = zip(dataset.texts.titles, dataset.texts.descriptions, strict=True)
    return np.array([len(title) + len(description) for title, description in texts], float)


def _newest(dataset: Dataset) -> Order:
    """By the latest date that an attribute gives, else by the version in the title: its year, or
    its number, which is smaller than any year."""
    dates = _dates(dataset)
    versions = [max(read_title(title).versions, default=0) for title in dataset.texts.titles]
    return np.where(dates > 0, dates, np.array(versions, float) * 10_000)


def _dates(dataset: Dataset) -> Order:
    """20260131 for a day; 0 without one."""
    latest = np.zeros(len(dataset.courses))
    for attribute in dataset.course_attributes:
        if attribute.kind == "number" or not DATED.search(attribute.name):
            continue
        days = [_day(str(label)) for label in attribute.labels.handles()]
        rows = np.repeat(np.arange(len(latest)), np.diff(attribute.matrix.indptr))
        np.maximum.at(latest, rows, np.array(days, float)[attribute.matrix.indices])
    return latest


def _day(text: str) -> float:
    date = DATE.search(text)
    return float(re.sub("[^0-9]", "", date[0])) if date else 0.0


KEEPS: Mapping[str, Callable[[Dataset], Order]] = {
    "most_completed": _most_completed,
    "most_viewed": _most_viewed,
    "newest": _newest,
    "longest_text": _longest_text,
}
