"""Different forms of a word as one: courses and course, mice and mouse."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from generator.text.languages import language_name

Normalise = Literal["none", "stem", "lemma"]
SHORTEST = 4
"""Letters; shorter words are names more often than forms: aws, css, js."""


def normal_forms(words: Sequence[str], language: str, how: Normalise) -> list[str]:
    """Each word as a dictionary has it (simplemma), or its stem (Snowball, Porter 2001).

    language: an ISO 639-1 code. What is short or no plain word stays as it is: c++, aws, 3d. So do
    all words of a language that the library does not know.
    """
    if how == "none" or not _knows(language, how):
        return list(words)
    return [
        _form(word, language, how) if len(word) >= SHORTEST and word.isalpha() else word
        for word in words
    ]


def _form(word: str, language: str, how: Normalise) -> str:
    if how == "stem":
        return str(_stemmer(language).stemWord(word))
    import simplemma

    # Without low_memory the dictionary of Polish alone takes 350 MB.
    return str(simplemma.lemmatize(word, language, low_memory=True)).lower()


def _knows(language: str, how: Normalise) -> bool:
    if how == "stem":
        import snowballstemmer

        return language_name(language) in snowballstemmer.algorithms()
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return language in SUPPORTED_LANGUAGES


@cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(language_name(language))
