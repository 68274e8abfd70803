"""By what courses can be chosen, and which have it: a set of places in the directory a value.

A server counts and cuts such sets as whole numbers in microseconds: 395,000 courses are 49 KB
before they are compressed. Upper and lower case are one, as in the `filter` of a request.
"""

import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.lists.directory import alphabetical, names_of
from shared.records import (
    COURSE_FACETS,
    FACETS_START,
    TITLE_WORD,
    FactsRow,
    Handle,
    group_key,
    title_words,
)

MOST_VALUES = 10_000
"""Of a facet, the commonest; each takes from 100 bytes to 60 KB where there are 395,000 courses."""
VALUES_AHEAD = 50
"""Of a facet, the commonest, which one row names."""
LEAST_SHARED = 2
"""Courses a value on average; a column in which nearly all differ names courses, not kinds."""
MOST_KEY_BYTES = 500
"""Of a facet and its value; longer ones are texts rather than kinds."""
MOST_FACETS = 12
MOST_COURSES = 2_000_000
"""More would not go into one row of every store."""
FEW = 50
"""Places that a row names one by one."""
FAST = 1


@dataclass(frozen=True)
class Labels:
    """Of all courses: `matrix` [courses, labels] is not 0 where a course has the label."""

    matrix: sp.csr_matrix
    names: Sequence[Handle]


def course_facets(dataset: Dataset) -> Iterator[FactsRow]:
    """The rows of `facet_rows` for tags, levels viewed, and attributes that are no numbers."""
    labels = {
        "tag": Labels(dataset.course_tags, dataset.tags.handles()),
        "level": Labels(sp.csr_matrix(dataset.viewers_by_level), dataset.levels.handles()),
    }
    for attribute in dataset.course_attributes:
        if attribute.kind != "number":
            labels.setdefault(attribute.name, Labels(attribute.matrix, attribute.labels.handles()))
    names = names_of(dataset.courses.handles(), dataset.texts.titles)
    order = alphabetical(dataset.courses.handles(), names)
    yield from facet_rows(labels, np.array(order, np.int64))
    yield from word_rows(names[row] for row in order)


def word_rows(names: Iterable[str]) -> Iterator[FactsRow]:
    """A row a word of the names, which come in the order of the directory, under ``title/word``.

    Like those of `facet_rows`, of every word that occurs. Cost: one look at each name.
    """
    places: dict[str, list[int]] = {}
    courses = 0
    for place, name in enumerate(names):
        courses = place + 1
        for word in title_words(name):
            places.setdefault(word, []).append(place)
    for word, its_places in places.items() if courses <= MOST_COURSES else ():
        key = group_key(f"{TITLE_WORD}/{word}")
        if len(key.encode()) <= MOST_KEY_BYTES:
            facts = {"label": word, "courses": len(its_places)} | _set(its_places, courses)
            yield FactsRow(COURSE_FACETS, key, facts)


def facet_rows(labels: Mapping[str, Labels], order: NDArray[np.int64]) -> Iterator[FactsRow]:
    """A row a value under ``facet/value``, and FACETS_START with the commonest values of each.

    ``{"label", "courses", "set"}``: as it is spelt most often, how many courses have it, and which:
    bit i of the set, least first, is the course at place i of the directory; zlib, then base64.
    Of a few courses ``"at"`` lists the places in its stead.
    ``{"facets": [{"name", "values", "most": [[label, courses], ...]}, ...]}``.

    order: int64 [courses], the row numbers in the order of the directory. Nothing is made of more
    than MOST_COURSES.
    """
    if len(order) > MOST_COURSES:
        return
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    heads: list[dict[str, object]] = []
    for name, of_courses in labels.items():
        values = _values(name, of_courses, place)
        if _tells_apart(name, values) and len(heads) < MOST_FACETS:
            heads.append(_head(name, values))
            for value in values[:MOST_VALUES]:
                yield FactsRow(COURSE_FACETS, value.key, value.facts(len(order)))
    yield FactsRow(COURSE_FACETS, FACETS_START, {"facets": heads})


@dataclass(frozen=True)
class _Value:
    key: str
    label: str
    places: NDArray[np.int64]
    """Ascending, each once."""

    def facts(self, courses: int) -> dict[str, object]:
        return {"label": self.label, "courses": len(self.places)} | _set(self.places, courses)


def _set(places: Sequence[int] | NDArray[np.int64], courses: int) -> dict[str, object]:
    if len(places) <= FEW:
        return {"at": [int(place) for place in places]}
    bits = np.zeros(courses, bool)
    bits[places] = True
    packed = zlib.compress(np.packbits(bits, bitorder="little").tobytes(), FAST)
    return {"set": b64encode(packed).decode()}


def _values(facet: str, labels: Labels, place: NDArray[np.int64]) -> list[_Value]:
    """The most courses first; of as many, in the order of the label."""
    columns = labels.matrix.tocsc()
    spelt: dict[str, list[tuple[str, NDArray[np.int64]]]] = {}
    for column, name in enumerate(labels.names):
        start, end = columns.indptr[column : column + 2]
        rows = columns.indices[start:end][columns.data[start:end] != 0]
        key = group_key(f"{facet}/{name}")
        if len(rows) and len(key.encode()) <= MOST_KEY_BYTES:
            spelt.setdefault(key, []).append((str(name), place[rows]))
    values = [_of_spellings(key, spellings) for key, spellings in spelt.items()]
    return sorted(values, key=lambda value: (-len(value.places), value.label))


def _of_spellings(key: str, spellings: Sequence[tuple[str, NDArray[np.int64]]]) -> _Value:
    label, _ = max(spellings, key=lambda spelling: len(spelling[1]))
    return _Value(key, label, np.unique(np.concatenate([places for _, places in spellings])))


def _tells_apart(name: str, values: Sequence[_Value]) -> bool:
    """Several values, and fewer than courses; and a name that leaves keys unambiguous."""
    carried = sum(len(value.places) for value in values)
    return len(values) > 1 and carried >= LEAST_SHARED * len(values) and "/" not in name


def _head(name: str, values: Sequence[_Value]) -> dict[str, object]:
    most = [[value.label, len(value.places)] for value in values[:VALUES_AHEAD]]
    return {"name": name, "values": min(len(values), MOST_VALUES), "most": most}
