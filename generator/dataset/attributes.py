"""What a platform says of its courses and users in columns of its own: words, lists, numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.indices import indices_of, links
from generator.dataset.vocabulary import Vocabulary

AttributeKind = Literal["category", "list", "number"]
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
SEPARATORS = r"[|;]"


@dataclass(frozen=True)
class Attribute:
    """One attribute of all courses, or of all users; a subject without it has an empty row."""

    name: str
    """The column's, as its file spells it."""

    kind: AttributeKind
    """A number if every filled value is one; a list if any value holds a | or ;."""

    labels: Vocabulary
    """The different values, without regard to case; none where the attribute is a number."""

    matrix: sp.csr_matrix
    """float32 [subjects, labels]: 1 where the subject has the label. Of a number it is
    [subjects, 1] and holds the numbers, zeros included."""

    @property
    def nbytes(self) -> int:
        return csr_bytes(self.matrix)

    @cached_property
    def numbers(self) -> NDArray[np.float32]:
        """float32 [subjects]: a number's values, NaN where it is empty. ValueError for labels."""
        if self.kind != "number":
            raise ValueError(f"{self.name} is no number but a {self.kind}.")
        numbers = np.full(self.matrix.shape[0], np.nan, np.float32)
        numbers[np.diff(self.matrix.indptr) > 0] = self.matrix.data
        return numbers


def csr_bytes(matrix: sp.csr_matrix) -> int:
    return int(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


def attributes_of(
    table: pd.DataFrame, names: Sequence[str], subjects: Vocabulary, handle_column: str
) -> tuple[Attribute, ...]:
    """The columns `names` that say anything of anybody. Of several values the last row's counts."""
    rows = indices_of(subjects, table[handle_column])
    made = [_attribute(name, table[name], rows, len(subjects)) for name in names]
    return tuple(attribute for attribute in made if attribute.matrix.nnz)


def last_filled(column: pd.Series, rows: NDArray[np.int32], n_subjects: int) -> NDArray[np.int32]:
    """int32 [subjects]: the category of the last row of each that has one, -1 where none has."""
    codes = column.cat.codes.to_numpy(np.int32)
    last = np.full(n_subjects, -1, np.int32)
    filled = codes >= 0
    # Of several assignments to one place numpy keeps the last.
    last[rows[filled]] = codes[filled]
    return last


def _attribute(name: str, column: pd.Series, rows: NDArray[np.int32], n_subjects: int) -> Attribute:
    code_of = last_filled(column, rows, n_subjects)
    holders = np.flatnonzero(code_of >= 0).astype(np.int32)
    codes = code_of[holders]
    values = column.cat.categories.astype("str")
    if (numbers := _numbers(values)) is not None:
        places = (holders, np.zeros_like(holders))
        matrix = sp.csr_matrix((numbers[codes], places), shape=(n_subjects, 1))
        return Attribute(name, "number", Vocabulary([]), matrix)
    labels, labels_of_value = _labels(values)
    matrix = (links(holders, codes, (n_subjects, len(values))) @ labels_of_value).tocsr()
    matrix.sort_indices()
    several = bool(values.str.contains(SEPARATORS).any())
    return Attribute(name, "list" if several else "category", labels, matrix)


def _numbers(values: pd.Index) -> NDArray[np.float32] | None:
    """What these texts say; None if one of them is no number, or beyond float32."""
    if not len(values) or not values.str.fullmatch(NUMBER).all():
        return None
    numbers: NDArray[np.float64] = values.to_numpy(dtype=object).astype(np.float64)
    if np.abs(numbers).max() > np.finfo(np.float32).max:
        return None
    return numbers.astype(np.float32)


def _labels(values: pd.Index) -> tuple[Vocabulary, sp.csr_matrix]:
    """All labels, and float32 [values, labels]: 1 where the value names the label."""
    parts = [
        [stripped for part in re.split(SEPARATORS, value) if (stripped := part.strip())]
        for value in values
    ]
    named = [label for of_value in parts for label in of_value]
    labels = Vocabulary(named)
    rows = np.repeat(np.arange(len(parts), dtype=np.int32), [len(p) for p in parts])
    return labels, links(rows, labels.index_of(named), (len(values), len(labels)))
