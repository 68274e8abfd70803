"""One of the two courses of a pair: what is looked at of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.duplicates.catalogue import LEVEL_NAMES, PROVIDERS, Catalogue, says_enough
from generator.duplicates.squashed import squashed
from generator.duplicates.titles import Title
from generator.duplicates.words import GENERIC_WORDS, LEVELS
from generator.text.cleaning import words_of

LENGTH = re.compile("duration|length|hours|minutes|lectures", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
NEARLY = 0.67
SHARED_FACTS = 0.8
LONG_WORD = 4
"""Shorter ones stand within others by accident."""
MOST_KEPT = 50_000
WORDS_THAT_TELL = 40
"""A description of so many different words is about a course, whether or not it names it."""


@dataclass(frozen=True)
class Side:
    title: Title
    description: str
    titles_of_text: int
    """How many titles share the description; 0 where there is hardly one."""
    owner: str
    level: str
    facts: Mapping[str, str]
    """Its other attributes, by name."""

    @cached_property
    def says_enough(self) -> bool:
        return says_enough(self.title, self.owner)

    @cached_property
    def levels(self) -> frozenset[int]:
        return frozenset(LEVELS[word] for word in words_of(self.level) if word in LEVELS)

    @cached_property
    def says_much(self) -> bool:
        return len(set(words_of(self.description))) >= WORDS_THAT_TELL

    def own_words(self, other: "Side") -> frozenset[str]:
        """Words of this title that say what it is about and are not in the other's."""
        left_out = [
            word
            for word in self.title.words
            if word not in GENERIC_WORDS and word not in other.title.words and not word.isdecimal()
        ]
        return frozenset(
            word
            for word in left_out
            if len(word) < LONG_WORD or squashed(word) not in other.squashed_title
        )

    def shares_facts(self, other: "Side") -> bool:
        """Whether most of what is known of both is about the same, and their length is."""
        both = self.facts.keys() & other.facts.keys()
        agree = {name for name in both if _agree(self.facts[name], other.facts[name])}
        lengths = {name for name in both if LENGTH.search(name)}
        return len(agree) >= SHARED_FACTS * len(both) and lengths <= agree

    @cached_property
    def squashed_title(self) -> str:
        return squashed("".join(self.title.words))

    def speaks_of(self, words: frozenset[str]) -> bool:
        """Whether a word in the description begins like one of these."""
        text = self.description.lower()
        return any(_begins(word, text) for word in words)


class Sides:
    """The compared courses of a catalogue, each looked at when it is first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._owners, self._levels = catalogue.values(PROVIDERS), catalogue.values(LEVEL_NAMES)
        self._others = {
            name: values
            for name, values in catalogue.records.attributes.items()
            if not PROVIDERS.fullmatch(name)
        }
        self._made: dict[int, Side] = {}

    def __getitem__(self, place: int) -> Side:
        if place not in self._made:
            if len(self._made) == MOST_KEPT:
                self._made.clear()
            self._made[place] = self._side(int(self._catalogue.compared[place]))
        return self._made[place]

    def _side(self, course: int) -> Side:
        catalogue = self._catalogue
        return Side(
            catalogue.titles[course],
            catalogue.records.descriptions[course],
            int(catalogue.titles_of_text[course]),
            self._owners[course],
            self._levels[course],
            {name: values[course] for name, values in self._others.items() if values[course]},
        )


def _agree(ours: str, theirs: str) -> bool:
    """Numbers within a third, one of the labels, or the same text."""
    if ours == theirs:
        return True
    if NUMBER.fullmatch(ours) and NUMBER.fullmatch(theirs):
        less, more = sorted((float(ours), float(theirs)))
        return less >= NEARLY * more
    a, b = set(ours.casefold().split("|")), set(theirs.casefold().split("|"))
    return len(a & b) * 2 >= min(len(a), len(b))


def _begins(word: str, text: str) -> bool:
    at = text.find(word)
    while at > 0 and text[at - 1].isalnum() and word.isascii():
        at = text.find(word, at + 1)
    return at >= 0
