"""What several texts of a course say, as one TF-IDF vector (Salton & Buckley 1988)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.text.strongest import affordable_terms, strongest_terms, subjects_of, unit
from generator.text.terms import Reading, Terms, terms_of

LEAST_WEIGHT = 1e-9


class Field(NamedTuple):
    """Texts that subjects have, each text once."""

    texts: Sequence[str]
    holders: sp.csr_matrix
    """float32 [subjects, texts]: how often the subject has it, times how much that counts."""


@dataclass(frozen=True)
class Limits:
    """Which words, and which pairs of words that follow each other, become terms."""

    pair_subjects: int
    """In how many subjects a pair must stand."""
    max_share: float
    """What stands in a larger share of them says nothing."""
    max_terms: int
    """Those of the most subjects are kept, words before pairs."""

    def kept(
        self,
        of_words: NDArray[np.int64],
        of_pairs: NDArray[np.int64],
        pairs: NDArray[np.int32],
        described: int,
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """bool [words], bool [pairs]. of_words, of_pairs: int64, in how many of the `described`
        subjects each stands. pairs: int32 [pairs, 2].
        """
        # What two of two courses share is all that they have in common.
        most = max(self.max_share * described, 2)
        kept_words = (of_words > 0) & (of_words <= most)
        kept_pairs = (of_pairs >= self.pair_subjects) & (of_pairs <= most)
        kept = np.concatenate([kept_words, kept_pairs & kept_words[pairs].all(axis=1)])
        if kept.sum() > self.max_terms:
            subjects = np.where(kept, np.concatenate([of_words, of_pairs]), 0)
            kept[np.argsort(-subjects, kind="stable")[self.max_terms :]] = False
        kept_words, kept_pairs = np.split(kept, [len(kept_words)])
        return kept_words, kept_pairs & kept_words[pairs].all(axis=1)


@dataclass(frozen=True)
class TfidfSpace:
    """A vocabulary, and how rare its terms are: what texts become vectors by."""

    words: list[str]
    shown: list[str]
    pairs: NDArray[np.int32]
    """int32 [pairs, 2]: places in `words`. Terms are the words, then the pairs."""
    rarity: NDArray[np.float32]
    """float32 [terms]: ``ln((1 + N) / (1 + df)) + 1``."""
    reading: Reading
    terms_per_subject: int = 0
    """The strongest of each that are kept; 0 for all."""

    @classmethod
    def learned(
        cls, fields: Sequence[Field], reading: Reading, limits: Limits
    ) -> tuple[Self, sp.csr_matrix]:
        """And float32 [subjects, terms], CSR: the vectors of all that it was learned from."""
        terms, holders = _read(fields, reading)
        words, pairs = (holders @ terms.counts).tocsr(), (holders @ terms.pair_counts).tocsr()
        described = int(np.count_nonzero(np.diff(words.indptr)))
        of_words, of_pairs = subjects_of(words), subjects_of(pairs)
        kept_words, kept_pairs = limits.kept(of_words, of_pairs, terms.pairs, described)
        subjects = np.concatenate([of_words[kept_words], of_pairs[kept_pairs]])
        number = np.cumsum(kept_words, dtype=np.int32) - 1
        space = cls(
            _chosen(terms.words, kept_words),
            _chosen(terms.shown, kept_words),
            number[terms.pairs[kept_pairs]],
            (np.log((1 + described) / (1 + subjects)) + 1).astype(np.float32),
            replace(reading, languages=terms.languages),
        )
        counts = sp.hstack([words[:, kept_words], pairs[:, kept_pairs]], "csr", np.float32)
        del words, pairs, terms
        vectors = space._weighted(counts)
        space = replace(space, terms_per_subject=affordable_terms(vectors))
        return space, strongest_terms(vectors, space.terms_per_subject)

    def vectors(self, fields: Sequence[Field]) -> sp.csr_matrix:
        """float32 [subjects, terms], of length 1, or without an entry, for other texts."""
        terms, holders = _read(fields, self.reading)
        word_of = {word: place for place, word in enumerate(self.words)}
        words = np.array([word_of.get(word, -1) for word in terms.words], np.int64)
        keys = self.pairs.astype(np.int64) @ [max(len(self.words), 1), 1]
        asked = words[terms.pairs].reshape(-1, 2)
        key = np.where((asked >= 0).all(axis=1), asked @ [max(len(self.words), 1), 1], -1)
        place = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
        hits = keys[place] == key if len(keys) else np.zeros(len(key), bool)
        pairs = np.where(hits, len(self.words) + place, -1)
        counts = terms.counts @ _renumbering(words, len(self.rarity))
        counts += terms.pair_counts @ _renumbering(pairs, len(self.rarity))
        return strongest_terms(self._weighted((holders @ counts).tocsr()), self.terms_per_subject)

    def names(self, terms: NDArray[np.int32]) -> list[str]:
        """What these terms are called, as they are written most often."""
        return [self._name(term) for term in terms.tolist()]

    def _name(self, term: int) -> str:
        if term < len(self.words):
            return self.shown[term]
        first, second = self.pairs[term - len(self.words)].tolist()
        return f"{self.shown[first]} {self.shown[second]}"

    def in_pairs(self, weights: sp.csr_matrix) -> sp.csr_matrix:
        """float32 [any, terms]: the same where words have given all that they weigh to the pairs
        that they are in, in equal parts: who shares "neural networks" need not hear of both words.
        """
        words, pairs = weights[:, : len(self.words)], weights[:, len(self.words) :]
        if not pairs.nnz:
            return weights
        present = pairs.astype(bool).astype(np.float32)
        in_how_many = (present @ self._words_of_pairs).tocsr()
        given = words.multiply(in_how_many.astype(bool)).tocsr()
        parts = given.multiply(in_how_many.power(-1)).tocsr()
        gained = present.multiply(parts @ self._words_of_pairs.T)
        moved = sp.hstack([words - given, pairs + gained], "csr")
        # What a word keeps of nothing is a rounding error at most.
        moved.data[moved.data < LEAST_WEIGHT] = 0
        moved.eliminate_zeros()
        return moved

    @cached_property
    def _words_of_pairs(self) -> sp.csr_matrix:
        """float32 [pairs, words]: 1 where the pair has the word."""
        pair = np.repeat(np.arange(len(self.pairs)), 2)
        cells = (np.ones(len(pair), np.float32), (pair, self.pairs.ravel()))
        incidence = sp.csr_matrix(cells, shape=(len(self.pairs), len(self.words)))
        incidence.data[:] = 1
        return incidence

    @property
    def described(self) -> dict[str, Any]:
        """All but the arrays, as JSON holds it."""
        return {
            "words": self.words,
            "shown": {
                place: shown
                for place, (word, shown) in enumerate(zip(self.words, self.shown, strict=True))
                if word != shown
            },
            "reading": asdict(self.reading),
            "terms_per_subject": self.terms_per_subject,
        }

    @classmethod
    def restored(
        cls, described: dict[str, Any], pairs: NDArray[np.int32], rarity: NDArray[np.float32]
    ) -> Self:
        shown = list(described["words"])
        for place, word in described["shown"].items():
            shown[int(place)] = word
        of_reading, depth = described["reading"], described["terms_per_subject"]
        reading = Reading(**{**of_reading, "languages": tuple(of_reading["languages"])})
        return cls(described["words"], shown, pairs, rarity, reading, depth)

    def _weighted(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Sublinear counts times rarity, of length 1."""
        counts.eliminate_zeros()
        counts.sort_indices()
        weights = (1 + np.log(counts.data)) * self.rarity[counts.indices]
        cells = weights.astype(np.float32), counts.indices, counts.indptr
        return unit(sp.csr_matrix(cells, shape=counts.shape))


def _read(fields: Sequence[Field], reading: Reading) -> tuple[Terms, sp.csr_matrix]:
    """The terms of all texts, and float32 [subjects, texts]."""
    texts = [text for field in fields for text in field.texts]
    holders = sp.hstack([field.holders for field in fields], "csr", np.float32)
    return terms_of(texts, reading), holders


def _chosen(names: list[str], kept: NDArray[np.bool_]) -> list[str]:
    return [names[place] for place in np.flatnonzero(kept).tolist()]


def _renumbering(numbers: NDArray[np.int64], size: int) -> sp.csr_matrix:
    """float32 [numbers, size]: 1 where something goes; nothing goes to -1."""
    rows = np.flatnonzero(numbers >= 0)
    cells = (np.ones(len(rows), np.float32), (rows, numbers[rows]))
    return sp.csr_matrix(cells, shape=(len(numbers), size))
