"""A catalogue of any size whose words are as frequent, and as much together, as in real ones.

    real text    w3 w7 w2 | w3 w9 w4 | ...    descriptions one after another, by subject
    written      w3 -> any place in the subject's text where w3 stands -> the word behind it

Words that stand once in all of the real text are 5 % of it: that is about the share of words never
seen before in more text of the same sort (Good 1953). In their place stand made-up words by Zipf's
law, so that a catalogue of 395,000 courses has hundreds of thousands of different words, as it
would have, and not the 20,000 of the real one.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.text.cleaning import cleaned, words_of

SOURCES = "course_catalogues"
SHORTEST, LONGEST = 100, 150
"""Words of a description."""
TITLE_WORDS = (3, 9)
WORDS_OF_A_SENTENCE = 14
SKILLS = 3
MADE_UP_WORDS = 400_000
STAYS_IN_SUBJECT = 0.9
SYLLABLES = [first + second for first in "bcdfghjklmnprstvz" for second in "aeiou"]


@dataclass(frozen=True)
class Written:
    """An entry a course in each."""

    titles: list[str]
    descriptions: list[str]
    tags: list[list[str]]

    def save(self, folder: Path) -> None:
        """As tables of Kindred's, in Parquet; with a user, without whom there is nothing to do."""
        folder.mkdir(parents=True, exist_ok=True)
        handles = np.arange(len(self.titles))
        courses = {"course_id": handles, "title": self.titles, "description": self.descriptions}
        pd.DataFrame(courses).to_parquet(folder / "courses.parquet")
        tags = {"course_id": handles, "course_tags": self.tags}
        pd.DataFrame(tags).explode("course_tags").to_parquet(folder / "course_tags.parquet")
        row = {"user_handle": [1], "interest_tag": ["Machine Learning"], "date_followed": [None]}
        follows = pd.DataFrame(row)
        follows.to_parquet(folder / "user_interests.parquet")


def written_catalogue(folder: Path, courses: int, seed: int = 0) -> Written:
    """From the tables in `folder`/course_catalogues; FileNotFoundError where they are not."""
    random = np.random.default_rng(seed)
    edx = pd.read_csv(folder / SOURCES / "edx_courses.csv").dropna(subset=["course_description"])
    edx = edx[edx["language"] == "English"].sort_values("subject", kind="stable")
    skills = pd.read_csv(folder / SOURCES / "coursera_skills.csv")
    subject_of = edx["subject"].astype("category").cat.codes.to_numpy()
    subjects = random.integers(subject_of.max() + 1, size=courses)
    descriptions = _Chain([*edx["course_description"]], subject_of).texts(
        subjects, random.integers(SHORTEST, LONGEST, courses), random
    )
    titles = _Chain([*edx["title"]], subject_of).texts(
        subjects, random.integers(*TITLE_WORDS, courses), random
    )
    # A third of them as a page's editor would have stored them.
    descriptions[::3] = [f"<p>{text}</p>" for text in descriptions[::3]]
    return Written(titles, descriptions, _tags(skills["Gained Skills"], courses, random))


class _Chain:
    def __init__(self, texts: list[str], subjects: NDArray[np.int8]) -> None:
        """subjects: int8 [texts], ascending."""
        parts = [words_of(cleaned(text)) for text in texts]
        self._words, word = np.unique(np.concatenate(parts), return_inverse=True)
        subject = np.repeat(subjects, [len(part) for part in parts])
        self._word = word
        self._width = len(self._words)
        self._once = np.bincount(word) == 1
        # The places of a word, and of a word in a subject, are ranges of these.
        self._by_word = np.argsort(word, kind="stable")
        self._starts = np.searchsorted(word[self._by_word], np.arange(self._width + 1))
        key = subject.astype(np.int64) * self._width + word
        self._by_key = np.argsort(key, kind="stable")
        self._keys = key[self._by_key]
        self._first = np.searchsorted(subject, np.arange(subjects.max() + 2))

    def texts(
        self, subjects: NDArray[np.int64], lengths: NDArray[np.int64], random: np.random.Generator
    ) -> list[str]:
        """A text a subject, of so many words."""
        longest = int(lengths.max())
        words = np.empty((longest, len(subjects)), np.int32)
        first, stop = self._first[subjects], self._first[subjects + 1]
        place = first + (random.random(len(subjects)) * (stop - first)).astype(np.int64)
        for row in words:
            row[:] = self._word[place]
            place = (self._like(row, subjects, random) + 1) % len(self._word)
        names = np.concatenate([self._words, made_up_words(MADE_UP_WORDS)])
        once = np.flatnonzero(self._once[words])
        ranks = MADE_UP_WORDS ** random.random(len(once))
        words.ravel()[once] = self._width + ranks.astype(np.int64) % MADE_UP_WORDS
        spelled = names.tolist()
        return [
            _sentences([spelled[word] for word in of_text[:length]])
            for of_text, length in zip(words.T.tolist(), lengths.tolist(), strict=True)
        ]

    def _like(
        self, word: NDArray[np.int32], subjects: NDArray[np.int64], random: np.random.Generator
    ) -> NDArray[np.int64]:
        """Where else each word stands, mostly in the text of its subject."""
        draw = random.random(len(word))
        anywhere = self._starts[word] + (
            draw * (self._starts[word + 1] - self._starts[word])
        ).astype(np.int64)
        key = subjects * self._width + word
        start, stop = np.searchsorted(self._keys, key), np.searchsorted(self._keys, key, "right")
        inside = (stop > start) & (random.random(len(word)) < STAYS_IN_SUBJECT)
        near = np.minimum(start + (draw * (stop - start)).astype(np.int64), len(self._keys) - 1)
        return np.where(inside, self._by_key[near], self._by_word[anywhere])


def _sentences(words: list[str]) -> str:
    starts = range(0, len(words), WORDS_OF_A_SENTENCE)
    return ". ".join(" ".join(words[start : start + WORDS_OF_A_SENTENCE]) for start in starts)


def made_up_words(count: int) -> NDArray[np.str_]:
    """Different words of syllables, the same every time."""
    base = len(SYLLABLES)
    return np.array(
        [
            SYLLABLES[number % base]
            + SYLLABLES[number // base % base]
            + SYLLABLES[number // base**2 % base]
            + "x"
            for number in range(count)
        ]
    )


def _tags(skills: "pd.Series[str]", courses: int, random: np.random.Generator) -> list[list[str]]:
    named = skills.dropna().str.split(", ").explode().to_numpy()
    return [row.tolist() for row in named[random.integers(len(named), size=(courses, SKILLS))]]
