"""Texts as counts of their words, and of words that follow each other.

text      Learn the basics of Python        Aprende Python
language  English                           Spanish
terms     learn, basic, python              aprender, python
pairs     learn basic, basic python         aprender python
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.text.cleaning import cleaned, words_of
from generator.text.languages import (
    LANGUAGES,
    languages_of,
    spoken_languages,
    stop_word_counts,
    stop_words_of,
)
from generator.text.normal_forms import Normalise, normal_forms

TEXTS_PER_BLOCK = 2**15
NO_TERM = -1


@dataclass(frozen=True)
class Reading:
    """How texts are read."""

    stop_words: bool
    """Whether words that say nothing are left out, each text's by its own language."""
    normalise: Normalise
    languages: tuple[str, ...] = ()
    """Which there may be, first that of texts that do not show theirs; none: as the texts say."""


class Terms(NamedTuple):
    """What stands in some texts."""

    words: list[str]
    """In their normal form."""
    shown: list[str]
    """Likewise, as they are written most often."""
    counts: sp.csr_matrix
    """float32 [texts, words]."""
    pairs: NDArray[np.int32]
    """int32 [pairs, 2]: places in `words` of two that follow each other, ascending."""
    pair_counts: sp.csr_matrix
    """float32 [texts, pairs]."""
    languages: tuple[str, ...]


class _Written(NamedTuple):
    """Texts as numbers of the words that they are written in, one after another."""

    words: list[str]
    numbers: NDArray[np.int32]
    starts: NDArray[np.int64]
    """int64 [texts + 1]."""

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.int32], NDArray[np.int32]]]:
        """Texts, with the numbers of their words and of the text that each is in."""
        texts = len(self.starts) - 1
        for first in range(0, texts, TEXTS_PER_BLOCK):
            last = min(first + TEXTS_PER_BLOCK, texts)
            lengths = np.diff(self.starts[first : last + 1])
            rows = np.repeat(np.arange(first, last, dtype=np.int32), lengths)
            numbers = self.numbers[self.starts[first] : self.starts[last]]
            yield slice(first, last), numbers, rows


def terms_of(texts: Sequence[str], reading: Reading) -> Terms:
    """Texts as people wrote them. Cost: 30 us a text of 130 words, 20 bytes a word."""
    written = _written(texts)
    evidence = _evidence(written)
    spoken = reading.languages or spoken_languages(evidence)
    languages = languages_of(evidence, spoken)
    words, shown, term_of = _term_table(written, languages, spoken, reading)
    rows, terms = _kept(written, languages, term_of)
    shape = (len(texts), len(words))
    counts = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, terms)), shape=shape)
    pairs, pair_counts = _pairs(rows, terms, shape)
    return Terms(words, shown, counts, pairs, pair_counts, spoken)


def _pairs(
    rows: NDArray[np.int32], terms: NDArray[np.int32], shape: tuple[int, int]
) -> tuple[NDArray[np.int32], sp.csr_matrix]:
    """Pairs of terms that follow each other in a text, and float32 [texts, pairs]."""
    texts, words = shape
    follows = rows[1:] == rows[:-1]
    keys = terms[:-1][follows].astype(np.int64) * words + terms[1:][follows]
    # Sorted, they are the columns of the matrix: no number of its pair for each of millions.
    order = np.argsort(keys, kind="stable")
    keys, holders = keys[order], rows[:-1][follows][order]
    del order, follows
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    by_pair = (np.ones(len(keys), np.float32), holders, np.append(first, len(keys)))
    counts = sp.csc_matrix(by_pair, shape=(texts, len(first))).tocsr()
    counts.sum_duplicates()
    pairs = np.column_stack(np.divmod(keys[first], max(words, 1))).astype(np.int32)
    return pairs, counts


def _written(texts: Sequence[str]) -> _Written:
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    flat, starts = array("i"), np.zeros(len(texts) + 1, np.int64)
    for place, text in enumerate(texts):
        flat.extend(map(numbers.__getitem__, words_of(cleaned(text))))
        starts[place + 1] = len(flat)
    return _Written(list(numbers), np.frombuffer(flat, np.int32), starts)


def _evidence(written: _Written) -> NDArray[np.float32]:
    texts, words = len(written.starts) - 1, len(written.words)
    every = frozenset().union(*map(stop_words_of, LANGUAGES))
    stops = [place for place, word in enumerate(written.words) if word in every]
    place = np.full(words, -1, np.int32)
    place[stops] = np.arange(len(stops))
    evidence = np.zeros((texts, len(LANGUAGES)), np.float32)
    for block, numbers, rows in written.blocks():
        is_stop = place[numbers] >= 0
        counts = sp.csr_matrix(
            (
                np.ones(int(is_stop.sum()), np.float32),
                (rows[is_stop] - block.start, place[numbers[is_stop]]),
            ),
            shape=(block.stop - block.start, len(stops)),
        )
        evidence[block] = stop_word_counts(counts, [written.words[stop] for stop in stops])
    return evidence


def _term_table(
    written: _Written, languages: NDArray[np.int8], spoken: Sequence[str], reading: Reading
) -> tuple[list[str], list[str], NDArray[np.int32]]:
    """Terms, how they are shown, and int32 [spoken, written words]: NO_TERM where left out."""
    used = np.zeros((len(spoken), len(written.words)), np.int64)
    for block, numbers, rows in written.blocks():
        of_rows = languages[block][rows - block.start]
        for language in np.unique(of_rows).tolist():
            counts = np.bincount(numbers[of_rows == language], minlength=used.shape[1])
            used[language] += counts
    numbers_of: dict[str, int] = {}
    best: dict[str, tuple[int, str]] = {}
    table = np.full(used.shape, NO_TERM, np.int32)
    for language, name in enumerate(spoken):
        places = np.flatnonzero(used[language])
        if not len(places):
            continue
        stops = stop_words_of(name) if reading.stop_words else frozenset()
        places = np.array([p for p in places.tolist() if written.words[p] not in stops], np.int64)
        spelled = [written.words[place] for place in places.tolist()]
        forms = normal_forms(spelled, name, reading.normalise)
        table[language, places] = [numbers_of.setdefault(f, len(numbers_of)) for f in forms]
        for form, word, count in zip(forms, spelled, used[language, places].tolist(), strict=True):
            best[form] = min(best.get(form, (0, "")), (-count, word))
    return list(numbers_of), [best[form][1] for form in numbers_of], table


def _kept(
    written: _Written, languages: NDArray[np.int8], table: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Text and term of every word that is no stop word, in their order."""
    parts = []
    for block, numbers, rows in written.blocks():
        terms = table[languages[block][rows - block.start], numbers]
        kept = terms != NO_TERM
        parts.append((rows[kept], terms[kept]))
    if not parts:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    rows, terms = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, terms
