"""How sure it is that two courses are the same, where nobody has said of any that they are.

Titles and descriptions weigh half each. First comes what parts two courses whatever else they
share: other parts, levels or codes, and descriptions that each speak of their own title alone. A
description says nothing if many titles share it, or if it speaks of neither of the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generator.duplicates.catalogue import MOST_TITLES_OF_A_TEXT, Catalogue
from generator.duplicates.sides import Side, Sides
from generator.duplicates.titles import Title, differ_by_number
from generator.duplicates.weighted import Rows, WeightedTexts, of_letters, of_words
from generator.duplicates.words import GENERIC_WORDS

THRESHOLD = 0.75
"""Chosen on generated catalogues with known versions and series, and read by eye on three real
ones: docs/content.md."""
SAME_TEXT = 0.9
"""Cosine from which two descriptions are the same but for a few words."""
LEAST_TOGETHER = 2 * (THRESHOLD - 0.05)
LEAST_OF_TITLES = 0.6
"""Below it not even articles and order tell two titles apart that are one."""
TOO_LITTLE = "too little in common"
TITLE_ALONE = 0.95
SAME_OWNER = 0.05
SAYS_MORE = 0.05
"""What it costs that one title names something that the other does not."""


@dataclass(frozen=True)
class Verdicts:
    """Of each pair how sure it is, float32 0 to 1, and why, in words."""

    likeness: NDArray[np.float32]
    why: Sequence[str]


class Likeness(Protocol):
    """What judges pairs of courses, by their places among those that are compared."""

    @property
    def threshold(self) -> float:
        """From this likeness on two are the same."""

    def of(self, left: Rows, right: Rows) -> Verdicts: ...


class CourseLikeness:
    """Likeness of pairs of the compared courses of a catalogue, by their places among these."""

    @property
    def threshold(self) -> float:
        return THRESHOLD

    def __init__(self, catalogue: Catalogue, descriptions: WeightedTexts[str]) -> None:
        """descriptions: of the compared courses, in their order."""
        self._sides, self._descriptions = Sides(catalogue), descriptions
        titles = [catalogue.titles[course] for course in catalogue.compared.tolist()]
        written = [" ".join(title.words) for title in titles]
        self._words, self._letters = of_words(written), of_letters(written)
        self._subjects = of_words(" ".join(_subject(title)) for title in titles)

    def of(self, left: Rows, right: Rows) -> Verdicts:
        written = np.maximum(self._words.cosine(left, right), self._letters.cosine(left, right))
        titles = (written + self._subjects.cosine(left, right)) / 2
        texts = self._descriptions.cosine(left, right)
        likeness, why = np.zeros(len(left), np.float32), [TOO_LITTLE] * len(left)
        # Few pairs can come to anything, and only these are worth a reading.
        hopeful = (titles + np.maximum(texts, 0) >= LEAST_TOGETHER) | (titles >= LEAST_OF_TITLES)
        for place in np.flatnonzero(hopeful | (texts >= SAME_TEXT)).tolist():
            ours, theirs = self._sides[int(left[place])], self._sides[int(right[place])]
            alike = float(titles[place]), float(texts[place])
            likeness[place], why[place] = _judged(ours, theirs, *alike)
        return Verdicts(likeness, why)


def _subject(title: Title) -> Sequence[str]:
    """What a title is about: "python" of "The Complete Python Bootcamp"."""
    return [word for word in title.words if word not in GENERIC_WORDS] or title.words


def _judged(ours: Side, theirs: Side, titles: float, texts: float) -> tuple[float, str]:
    """How sure it is that two courses are the same, and why; titles, texts: cosines."""
    if parted := differ_by_number(ours.title, theirs.title):
        return 0.0, parted
    if texts < SAME_TEXT and ours.levels and theirs.levels and not ours.levels & theirs.levels:
        return 0.0, "other levels"
    our_own, their_own = ours.own_words(theirs), theirs.own_words(ours)
    if our_own and their_own and (parted := _parted(ours, theirs, our_own, their_own, texts)):
        return 0.0, parted
    if _texts_tell(ours, theirs, our_own, their_own):
        says_more = our_own or their_own or ours.title.level != theirs.title.level
        return _by_both(ours, theirs, titles, texts, SAYS_MORE if says_more else 0.0)
    if ours.title.key != theirs.title.key:
        return 0.0, "other titles, and no description that says more"
    return _by_titles(ours, theirs)


def _parted(
    ours: Side, theirs: Side, our_own: frozenset[str], their_own: frozenset[str], texts: float
) -> str:
    """Why two courses whose titles each name something else are two; "" if they may be one."""
    if ours.title.head and ours.title.head == theirs.title.head:
        return "other courses of one series"
    if texts < SAME_TEXT:
        return "other titles and descriptions"
    speaks = ours.speaks_of(our_own) and theirs.speaks_of(their_own)
    if speaks and not ours.speaks_of(their_own) and not theirs.speaks_of(our_own):
        return "each description speaks of its own title"
    return ""


def _texts_tell(
    ours: Side, theirs: Side, our_own: frozenset[str], their_own: frozenset[str]
) -> bool:
    """Whether both have a description that says what these two are about."""
    shared_by = ours.titles_of_text, theirs.titles_of_text
    if not min(shared_by) or max(shared_by) > MOST_TITLES_OF_A_TEXT:
        return False
    if not our_own or not their_own:
        return True
    speak_of_it = ours.speaks_of(our_own) or theirs.speaks_of(their_own)
    return speak_of_it or (ours.says_much and theirs.says_much)


def _by_both(
    ours: Side, theirs: Side, titles: float, texts: float, less: float
) -> tuple[float, str]:
    likeness = (max(titles, 0) + texts) / 2 - less
    if ours.owner and theirs.owner:
        likeness += SAME_OWNER if ours.owner == theirs.owner else -SAME_OWNER
    if texts >= SAME_TEXT:
        likeness = max(likeness, texts * SAME_TEXT)
    why = "same description" if texts >= SAME_TEXT else f"descriptions {texts:.2f} alike"
    return min(likeness, 1.0), f"{_of_titles(ours, theirs, titles)}, {why}"


def _by_titles(ours: Side, theirs: Side) -> tuple[float, str]:
    """Of two with one title and no descriptions."""
    if not (ours.says_enough and theirs.says_enough):
        return 0.0, "titles alone, which say too little"
    other_owner = ours.owner and theirs.owner and ours.owner != theirs.owner
    if other_owner or not ours.shares_facts(theirs):
        return 0.0, "one title, but little else in common"
    return TITLE_ALONE, f"{_of_titles(ours, theirs, 1.0)}, no description to tell them apart"


def _of_titles(ours: Side, theirs: Side, titles: float) -> str:
    if ours.title.key == theirs.title.key:
        if ours.title.versions != theirs.title.versions:
            return "versions of one title"
        return "same title"
    return f"titles {max(titles, 0):.2f} alike"
