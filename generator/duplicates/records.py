"""What is known of courses, as texts that can be compared: whichever columns the data has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute
from generator.dataset.dataset import Dataset
from generator.text.cleaning import cleaned

TAGS = "tags"


@dataclass(frozen=True)
class Records:
    """One entry a course in each, "" where there is none."""

    titles: Sequence[str]
    descriptions: Sequence[str]
    attributes: Mapping[str, Sequence[str]]
    """Name -> values, several in one text; the tags are among them, as `tags`."""

    def __len__(self) -> int:
        return len(self.titles)

    def of(self, rows: NDArray[np.int32]) -> "Records":
        """Those of these row numbers, in that order."""
        places = rows.tolist()
        return Records(
            [self.titles[place] for place in places],
            [self.descriptions[place] for place in places],
            {name: [values[at] for at in places] for name, values in self.attributes.items()},
        )


def records_of(dataset: Dataset) -> Records:
    """Of all courses, with texts as `cleaned` leaves them."""
    attributes = {attribute.name: _texts(attribute) for attribute in dataset.course_attributes}
    if dataset.course_tags.nnz:
        attributes[TAGS] = _named(dataset.course_tags, dataset.tags.handles())
    return Records(
        [cleaned(title) for title in dataset.texts.titles],
        [cleaned(description) for description in dataset.texts.descriptions],
        attributes,
    )


def _texts(attribute: Attribute) -> list[str]:
    if attribute.kind == "number":
        return ["" if np.isnan(value) else f"{value:g}" for value in attribute.numbers.tolist()]
    return _named(attribute.matrix, attribute.labels.handles())


def _named(matrix: sp.csr_matrix, names: Sequence[object]) -> list[str]:
    """The names of each row's columns, with bars between."""
    columns = [str(names[column]) for column in matrix.indices.tolist()]
    return ["|".join(columns[start:end]) for start, end in pairwise(matrix.indptr.tolist())]
