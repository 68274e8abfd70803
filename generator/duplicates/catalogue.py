"""The courses to compare: read once, and copies of one text taken together.

    course      0          1          2          3
    title       Python     Python     Rust       (none)
    text        long one   the same   other      (none)
    compared    0          .          2          .
    copy_of     0          0          2          3

What says nothing, as 3, is compared with nothing and stays alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.duplicates.records import Records
from generator.duplicates.titles import Title, read_title
from generator.duplicates.words import GENERIC_WORDS
from generator.text.cleaning import words_of

PROVIDERS = re.compile(
    r"(author|instructor|teacher|provider|institution|partner|publisher|school|university|company"
    r"|organi[sz]ation|brand|manufacturer)(s|_handle|_name)?",
    re.IGNORECASE,
)
"""Attributes that say whose a course is."""
LEVEL_NAMES = re.compile("levels?|difficulty", re.IGNORECASE)
MOST_TITLES_OF_A_TEXT = 4
"""A description that more titles share is one that a platform writes below each."""
BEGINNING = 200
ENOUGH_WORDS = 6
"""A text of so many different words says what a course is about; a shorter one hardly does."""


@dataclass(frozen=True)
class Catalogue:
    """Records of courses with what is read out of them. Every array has an entry a course."""

    records: Records
    titles: Sequence[Title]
    copy_of: NDArray[np.int32]
    """int32: the first course of which it is a copy to the letter; itself if of none."""
    text_of: NDArray[np.int32]
    """int32: a number for each different description; -1 where there is hardly one."""

    @cached_property
    def compared(self) -> NDArray[np.int32]:
        """int32: the courses that are no copies and say anything at all, ascending."""
        says = np.fromiter((bool(title.words) for title in self.titles), bool, len(self.titles))
        original = self.copy_of == np.arange(len(self.copy_of))
        return np.flatnonzero(original & (says | (self.text_of >= 0))).astype(np.int32)

    @cached_property
    def titles_of_text(self) -> NDArray[np.int64]:
        """int64 [courses]: how many titles, versions apart, share its description; 0 of none."""
        keys: dict[str, int] = {}
        numbers = [keys.setdefault(title.key, len(keys)) for title in self.titles]
        told = self.text_of >= 0
        pairs = np.unique(np.stack([self.text_of, np.array(numbers)], 1)[told], axis=0)
        titles = np.bincount(pairs[:, 0], minlength=len(self.titles))
        return np.where(told, titles[self.text_of], 0)

    def values(self, names: re.Pattern[str] | None = None) -> list[str]:
        """What a course has of the attributes with such names, or of all; "" for nothing."""
        columns = [
            values
            for name, values in self.records.attributes.items()
            if names is None or names.fullmatch(name)
        ]
        if not columns:
            return [""] * len(self.titles)
        return [" ".join(filter(None, parts)).casefold() for parts in zip(*columns, strict=True)]


def catalogue_of(records: Records) -> Catalogue:
    """Cost: one reading of every text."""
    titles, text_of = _read_titles(records.titles), _numbered_texts(records.descriptions)
    alone = np.arange(len(records), dtype=np.int32)
    catalogue = Catalogue(records, titles, alone, text_of)
    return replace(catalogue, copy_of=_copies(catalogue))


def _copies(catalogue: Catalogue) -> NDArray[np.int32]:
    owners, facts = catalogue.values(PROVIDERS), catalogue.values()
    texts = zip(
        catalogue.records.titles,
        catalogue.records.descriptions,
        catalogue.text_of.tolist(),
        catalogue.titles_of_text.tolist(),
        strict=True,
    )
    first: dict[tuple[object, ...], int] = {}
    copies = catalogue.copy_of.copy()
    for course, (title, description, text, shared_by) in enumerate(texts):
        read = catalogue.titles[course]
        if 0 < shared_by <= MOST_TITLES_OF_A_TEXT:
            beside = ""
        elif says_enough(read, owners[course]):
            # With no text that tells, it takes more than a title.
            beside = facts[course]
        else:
            continue
        key = title.casefold(), text if text >= 0 else description, beside
        copies[course] = first.setdefault(key, course)
    return copies


def says_enough(title: Title, owner: str) -> bool:
    """Whether an equal title alone makes two courses one: not if it is "Python" by anybody."""
    specific = sum(word not in GENERIC_WORDS for word in title.words)
    return bool(specific) and (len(words_of(" ".join(title.words))) > 1 or bool(owner))


def _read_titles(texts: Sequence[str]) -> list[Title]:
    read: dict[str, Title] = {}
    return [read.get(text) or read.setdefault(text, read_title(text)) for text in texts]


def _numbered_texts(descriptions: Sequence[str]) -> NDArray[np.int32]:
    numbers: dict[str, int] = {}
    for text in descriptions:
        if text not in numbers:
            # Nearly always the first line is enough to say so.
            beginnings = (text[:BEGINNING], text)
            enough = any(len(set(words_of(part))) >= ENOUGH_WORDS for part in beginnings)
            numbers[text] = len(numbers) if enough else -1
    return np.array([numbers[text] for text in descriptions], np.int32)
