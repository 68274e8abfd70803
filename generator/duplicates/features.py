"""How alike two records are, in many ways: what a matcher learns from.

It knows no data set: titles, descriptions and whatever attributes there are, each apart and all
together, since values may stand in wrong columns. After Magellan (Konda et al. 2016), whose
features are likenesses of attributes too; what tells products apart best are their codes, which
sellers write in many ways (dsc-w170, dscw170b).
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.duplicates.records import Records
from generator.duplicates.squashed import codes_of, share_found, squashed
from generator.duplicates.titles import Title, differ_by_number, read_title
from generator.duplicates.weighted import (
    MISSING,
    Rows,
    Values,
    of_letters,
    of_words,
)
from generator.text.cleaning import words_of

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
TEXTS_KEPT = 100_000
GENERIC = (
    "title, words",
    "title, words contained",
    "title, letters",
    "description, words",
    "description, words contained",
    "all, words",
    "all, words contained",
    "all, rarest shared word",
    "title, rarest word left out, at least",
    "title, rarest word left out, at most",
    "codes found, at most",
    "codes found, at least",
    "title, numbers",
    "all, numbers",
    "title, numbers that part",
    "title, first word",
    "title, lengths",
    "all, lengths",
    "attributes, mean",
    "attributes, least",
)


class PairFeatures:
    """The features of pairs among some records; weights of words are those of all of these."""

    def __init__(self, records: Records) -> None:
        self._titles = records.titles
        columns = records.titles, records.descriptions, *records.attributes.values()
        self._all = [" ".join(filter(None, parts)) for parts in zip(*columns, strict=True)]
        self._words_of_title, self._words = of_words(records.titles), of_words(self._all)
        self._words_of_description = of_words(records.descriptions)
        self._letters_of_title = of_letters(records.titles)
        self._attributes = {name: of_letters(v) for name, v in records.attributes.items()}
        self._squashed = lru_cache(TEXTS_KEPT)(lambda place: squashed(self._all[place]))

    @property
    def names(self) -> list[str]:
        return [*GENERIC, *(f"attribute {name}" for name in self._attributes)]

    def of(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """float32 [pairs, names], the same whichever of the two comes first.

        MISSING, -1, where one of them has nothing to compare.
        """
        pairs = list(zip(left.tolist(), right.tolist(), strict=True))
        generic = [
            *self._of_words(left, right),
            *self._of_codes(pairs),
            *self._of_numbers(pairs),
            *self._of_lengths(left, right),
        ]
        attributes = [letters.cosine(left, right) for letters in self._attributes.values()]
        known = np.ma.masked_less([*attributes, np.full(len(left), MISSING)], 0)
        overall = [known.mean(axis=0).filled(MISSING), known.min(axis=0).filled(MISSING)]
        return np.column_stack([*generic, *overall, *attributes]).astype(np.float32)

    def _of_words(self, left: Rows, right: Rows) -> list[Values]:
        title, every = self._words_of_title, self._words
        ours = title.rarest_left_out(left, right, every)
        theirs = title.rarest_left_out(right, left, every)
        return [
            title.cosine(left, right),
            title.contained(left, right),
            self._letters_of_title.cosine(left, right),
            self._words_of_description.cosine(left, right),
            self._words_of_description.contained(left, right),
            every.cosine(left, right),
            every.contained(left, right),
            every.rarest_shared(left, right),
            np.minimum(ours, theirs),
            np.maximum(ours, theirs),
        ]

    def _of_codes(self, pairs: Sequence[tuple[int, int]]) -> list[Values]:
        codes, text = self._codes, self._squashed
        ours = _values(share_found(codes[a], text(b)) if codes[a] else None for a, b in pairs)
        theirs = _values(share_found(codes[b], text(a)) if codes[b] else None for a, b in pairs)
        return [np.maximum(ours, theirs), np.minimum(ours, theirs)]

    def _of_numbers(self, pairs: Sequence[tuple[int, int]]) -> list[Values]:
        read = self._read
        parted = (differ_by_number(read[a], read[b]) for a, b in pairs)
        return [
            _shared(self._numbers_of_titles, pairs),
            _shared(self._numbers, pairs),
            _values(float(bool(why)) for why in parted),
        ]

    def _of_lengths(self, left: Rows, right: Rows) -> list[Values]:
        first = self._first_words
        return [
            np.asarray(first[left] == first[right], np.float64),
            _ratio(self._titles, left, right),
            _ratio(self._all, left, right),
        ]

    @cached_property
    def _codes(self) -> list[list[str]]:
        return [codes_of(title) for title in self._titles]

    @cached_property
    def _read(self) -> list[Title]:
        return [read_title(title) for title in self._titles]

    @cached_property
    def _numbers_of_titles(self) -> list[frozenset[str]]:
        return [frozenset(NUMBER.findall(title)) for title in self._titles]

    @cached_property
    def _numbers(self) -> list[frozenset[str]]:
        return [frozenset(NUMBER.findall(text)) for text in self._all]

    @cached_property
    def _first_words(self) -> NDArray[np.str_]:
        return np.array([next(iter(words_of(title)), "") for title in self._titles])


def _values(numbers: Iterable[float | None]) -> Values:
    """float64: MISSING for None."""
    return np.array([MISSING if number is None else number for number in numbers], np.float64)


def _shared(numbers: Sequence[frozenset[str]], pairs: Sequence[tuple[int, int]]) -> Values:
    """Jaccard of the numbers of two."""
    both = ((numbers[a], numbers[b]) for a, b in pairs)
    return _values(
        len(ours & theirs) / len(ours | theirs) if ours and theirs else None
        for ours, theirs in both
    )


def _ratio(texts: Sequence[str], left: Rows, right: Rows) -> Values:
    lengths = np.array([1 + len(text) for text in texts], np.float64)
    ours, theirs = lengths[left], lengths[right]
    return np.minimum(ours, theirs) / np.maximum(ours, theirs)
