"""Which language each text is in, by the words that every sentence of a language is full of."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from stop_words import LANGUAGE_MAPPING, get_stop_words

from generator.text.cleaning import cleaned, words_of

LANGUAGES: tuple[str, ...] = tuple(LANGUAGE_MAPPING)
"""ISO 639-1 codes."""
DEFAULT = "en"
"""Where no text says anything of its language."""
ENOUGH = 2
"""Stop words of a language that a text must have: one may be a name."""
LEAST_SHARE = 0.005
"""Of the texts: what fewer are in is a mistake more often than a language."""


@cache
def stop_words_of(language: str) -> frozenset[str]:
    """The words of a language that say nothing of a text, spelled as `words_of` does."""
    return frozenset(
        word for phrase in get_stop_words(language) for word in words_of(cleaned(phrase))
    )


def language_name(language: str) -> str:
    """In English and lower case, as Snowball's stemmers are called."""
    return str(LANGUAGE_MAPPING[language])


def stop_word_counts(counts: sp.csr_matrix, words: Sequence[str]) -> NDArray[np.float32]:
    """float32 [texts, LANGUAGES]: how many stop words of each language a text has.

    counts: [texts, words].
    """
    stops = np.array(
        [[word in stop_words_of(language) for language in LANGUAGES] for word in words],
        np.float32,
    ).reshape(-1, len(LANGUAGES))
    return np.asarray(counts @ sp.csr_matrix(stops).toarray(), np.float32)


def spoken_languages(evidence: NDArray[np.float32]) -> tuple[str, ...]:
    """Those of at least LEAST_SHARE of the texts that show theirs, that of most texts first.

    evidence: of `stop_word_counts`.
    """
    second, most = np.sort(evidence, axis=1)[:, -2:].T if len(evidence) else np.zeros((2, 0))
    shown = (most >= ENOUGH) & (most > second)
    votes = np.bincount(evidence[shown].argmax(axis=1), minlength=len(LANGUAGES))
    by_votes = np.argsort(-votes, kind="stable")
    spoken = by_votes[votes[by_votes] > LEAST_SHARE * votes.sum()]
    return tuple(LANGUAGES[place] for place in spoken.tolist()) or (DEFAULT,)


def languages_of(evidence: NDArray[np.float32], spoken: Sequence[str]) -> NDArray[np.int8]:
    """int8 [texts]: the place in `spoken` of each text's language; the first where a text shows
    none, or several alike.

    On 970 courses of edX by their descriptions: 775 of 776 English ones, 162 of 176 in Spanish (of
    the others most have English descriptions).
    """
    places = [LANGUAGES.index(language) for language in spoken]
    if not len(evidence):
        return np.zeros(0, np.int8)
    weighed = evidence[:, places]
    weighed[weighed < ENOUGH] = 0
    return np.asarray(weighed.argmax(axis=1), np.int8)
