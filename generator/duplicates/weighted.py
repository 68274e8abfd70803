"""Texts as weighted vectors, and how alike two of them are."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from generator.duplicates.squashed import letter_groups
from generator.text.cleaning import words_of

MISSING = -1.0
"""Where one of two texts is empty: no likeness is below 0."""

Text = TypeVar("Text")
Rows = NDArray[np.int32]
Values = NDArray[np.float64]


class WeightedTexts(Generic[Text]):
    """TF-IDF vectors of length 1: ``(1 + ln tf) (ln((1 + N) / (1 + df)) + 1)``, as scikit-learn's.

    Pairs are given as two arrays of row numbers. Cost: the entries of the rows that are compared.
    """

    def __init__(self, texts: Iterable[Text], units: Callable[[Text], list[str]]) -> None:
        """units: what a text is made of."""
        counts, self.vocabulary = _counted(texts, units)
        self.documents = np.bincount(counts.indices, minlength=counts.shape[1])
        most = np.log(1 + counts.shape[0]) + 1
        self.weights = (np.log((1 + counts.shape[0]) / (1 + self.documents)) + 1) / most
        """float64 [units]: 1 is what a word would weigh that is in no text."""
        # In place: a catalogue's descriptions are tens of millions of entries.
        np.log(counts.data, out=counts.data)
        counts.data += 1
        counts.data *= self.weights.astype(np.float32)[counts.indices]
        self.vectors = normalize(counts, copy=False) if counts.shape[0] else counts
        self.is_filled = np.diff(counts.indptr) > 0

    @cached_property
    def present(self) -> sp.csr_matrix:
        """float32 [texts, units]: 1 where the text has the unit."""
        ones = np.ones(self.vectors.nnz, np.float32)
        return sp.csr_matrix((ones, self.vectors.indices, self.vectors.indptr), self.vectors.shape)

    def cosine(self, left: Rows, right: Rows) -> Values:
        products = self.vectors[left].multiply(self.vectors[right]).sum(axis=1)
        return self._where_both(np.asarray(products, np.float64).ravel(), left, right)

    def contained(self, left: Rows, right: Rows) -> Values:
        """The weight of what they share, as a share of all that the lighter of the two has."""
        shared = self.present[left].multiply(self.present[right]).tocsr() @ self.weights
        sums = self.present @ self.weights
        lighter = np.maximum(np.minimum(sums[left], sums[right]), np.finfo(np.float32).tiny)
        return self._where_both(shared / lighter, left, right)

    def rarest_shared(self, left: Rows, right: Rows) -> Values:
        """The weight of the heaviest word that both have; 0 if they share none."""
        return self._heaviest(self.present[left].multiply(self.present[right]))

    def rarest_left_out(self, left: Rows, right: Rows, others: "WeightedTexts[Text]") -> Values:
        """The weight of the heaviest word of `left` that `right` has not in `others`."""
        has = others.in_words_of(self)[right]
        ours = self.present[left]
        return self._heaviest(ours - ours.multiply(has))

    def in_words_of(self, other: "WeightedTexts[Text]") -> sp.csr_matrix:
        """float32 [texts, the other's words]: 1 where the text has the word."""
        shared = [word for word in self.vocabulary if word in other.vocabulary]
        mine = [self.vocabulary[word] for word in shared]
        theirs = [other.vocabulary[word] for word in shared]
        shape = (len(self.weights), len(other.weights))
        places = sp.csr_matrix((np.ones(len(shared), np.float32), (mine, theirs)), shape)
        return (self.present @ places).tocsr()

    def _heaviest(self, present: sp.spmatrix) -> Values:
        weighted = (present.tocsr() @ sp.diags(self.weights)).max(axis=1)
        return np.asarray(weighted.todense(), np.float64).ravel()

    def _where_both(self, values: Values, left: Rows, right: Rows) -> Values:
        return np.where(self.is_filled[left] & self.is_filled[right], values, MISSING)


def of_words(texts: Iterable[str]) -> WeightedTexts[str]:
    return WeightedTexts(texts, words_of)


def of_letters(texts: Iterable[str]) -> WeightedTexts[str]:
    return WeightedTexts(texts, letter_groups)


def _counted(
    texts: Iterable[Text], units: Callable[[Text], list[str]]
) -> tuple[sp.csr_matrix, dict[str, int]]:
    """float32 [texts, units]: how often; a column that stays empty where nothing is written."""
    written = list(texts)
    vectorizer = CountVectorizer(analyzer=units, dtype=np.float32)
    try:
        counts = vectorizer.fit_transform(written).tocsr()
    except ValueError:  # so it calls a vocabulary without a word
        return sp.csr_matrix((len(written), 1)), {}
    counts.sort_indices()
    return counts, vectorizer.vocabulary_
