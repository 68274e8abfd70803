"""What there is to read of courses: titles, descriptions, tags."""

import re

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset

BYTES_PER_LETTER = 24
"""Of all that is read as words: a letter is a sixth of one, which stands in counts and in pairs."""
SPEAKING_HANDLE = re.compile(r"[^\W\d_]{3,}.*[^\W\d_]{3,}", re.DOTALL)
"""Two words: python-fundamentals, but neither c017 nor 6f1c-9ab2."""


def titles_of(dataset: Dataset) -> list[str]:
    """Each course's title, "" where it has none.

    Many platforms call a course by its title, as in deeply-practical-project-management, and have
    no other: where not one course has a title or description, handles that are words are read.
    """
    if len(dataset.texts):
        return list(dataset.texts.titles)
    handles = map(str, dataset.courses.handles())
    return [handle if SPEAKING_HANDLE.search(handle) else "" for handle in handles]


def has_words(dataset: Dataset) -> bool:
    """Whether there is anything to read of any course."""
    return bool(len(dataset.texts) or dataset.course_tags.nnz or any(titles_of(dataset)))


def distinct(texts: list[str]) -> tuple[list[str], sp.csr_matrix]:
    """Each text once, and float32 [subjects, texts]: 1 where it is the subject's; "" is none."""
    place_of: dict[str, int] = {}
    held = [(row, place_of.setdefault(t, len(place_of))) for row, t in enumerate(texts) if t]
    rows, columns = np.array(held, np.int64).reshape(-1, 2).T
    return list(place_of), _ones(rows, columns, (len(texts), len(place_of)))


def weighted_texts(
    dataset: Dataset, title_weight: int, tag_weight: int
) -> list[tuple[list[str], sp.csr_matrix]]:
    """Titles, descriptions and tags, each as `distinct` has it, without those that nobody has.

    A word of a title or a tag counts so many times one of a description.
    """
    titles, has_title = distinct(titles_of(dataset))
    descriptions, has_description = distinct(list(dataset.texts.descriptions))
    tags = [str(tag) for tag in dataset.tags.handles()]
    texts = [
        (titles, has_title * title_weight),
        (descriptions, has_description),
        (tags, dataset.course_tags * tag_weight),
    ]
    return [(written, holders) for written, holders in texts if holders.sum()]


def _ones(
    rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]
) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
