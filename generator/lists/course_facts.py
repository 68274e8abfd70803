"""What a course is called and can be chosen by."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute
from generator.dataset.dataset import Dataset
from generator.lists.course_details import course_details
from generator.reviews.opinions import Opinions
from shared.records import COURSE_FACTS, FactsRow, Handle


def course_facts(
    dataset: Dataset,
    opinions: Opinions | None = None,
    stands_for: NDArray[np.int32] | None = None,
) -> Iterator[FactsRow]:
    """A row for every course: ``{"title", "tags", "levels", "viewers", "attributes"}`` and its
    `course_details`.

    `title` is "" where there is none; `levels` are those it was viewed at, most often first;
    `viewers` counts users. `attributes` holds what the course has of them: the labels, or a number.
    """
    rows = zip(
        dataset.courses.handles(),
        dataset.texts.titles,
        _named(dataset.course_tags, dataset.tags.handles()),
        _levels(dataset),
        dataset.viewers.tolist(),
        _attributes(dataset),
        course_details(dataset, opinions, stands_for),
        strict=True,
    )
    for handle, title, tags, levels, viewers, attributes, details in rows:
        facts = {
            "title": title,
            "tags": tags,
            "levels": levels,
            "viewers": viewers,
            "attributes": attributes,
        }
        yield FactsRow(COURSE_FACTS, handle, facts | details)


def _named(matrix: sp.csr_matrix, names: list[Handle]) -> list[list[Handle]]:
    """For each row the names of its columns, in their order."""
    columns = [names[column] for column in matrix.indices.tolist()]
    ends = matrix.indptr.tolist()
    return [columns[start:end] for start, end in pairwise(ends)]


def _levels(dataset: Dataset) -> list[list[Handle]]:
    levels, viewers = dataset.levels.handles(), dataset.viewers_by_level
    order = np.argsort(-viewers, axis=1, kind="stable")
    counts = np.take_along_axis(viewers, order, axis=1)
    return [
        [levels[index] for index, count in zip(of_course, sizes, strict=True) if count]
        for of_course, sizes in zip(order.tolist(), counts.tolist(), strict=True)
    ]


def _attributes(dataset: Dataset) -> list[dict[str, object]]:
    attributes: list[dict[str, object]] = [{} for _ in range(len(dataset.courses))]
    for attribute in dataset.course_attributes:
        for of_course, value in zip(attributes, _values(attribute), strict=True):
            if value is not None:
                of_course[attribute.name] = value
    return attributes


def _values(attribute: Attribute) -> list[object]:
    """One a course: its number or the list of its labels; None where it has none."""
    if attribute.kind == "number":
        return [None if np.isnan(number) else float(number) for number in attribute.numbers]
    return [labels or None for labels in _named(attribute.matrix, attribute.labels.handles())]
