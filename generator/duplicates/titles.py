"""What a title says besides its words: which version it is, which part, for which level.

    "Python Bootcamp 2020 (v2)"      words python bootcamp       version 2020, 2
    "Calculus II: Series"            words calculus series       part 2
    "AZ-900 in 30 days, advanced"    words az 900 in 30 days ..  codes az900  amounts 30  level 3

Two versions are one course; two parts, levels or codes are two.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from generator.duplicates.words import (
    LEVELS,
    NOT_IN_KEY,
    NUMERALS,
    OF_YEARS,
    ORDINALS,
    PART_WORDS,
    VERSION_WORDS,
)
from generator.text.cleaning import words_of

LARGEST_PART = 30
"""A larger number at the end of a title is no part of a series, but something counted."""
FIRST = frozenset({1})
MOST_CHARACTERS = 500

_PART = "|".join(PART_WORDS)
_NUMERAL = "|".join(sorted(NUMERALS, key=len, reverse=True))
_YEAR = r"(?:19[89][0-9]|20[0-4][0-9])"
_BEFORE_YEAR = rf"(?:(?<!\w)(?:{'|'.join(OF_YEARS)})[\s,.'-]*)?"
_NUMBER = r"(?P<number>[0-9]{1,3})"
_DASH = r"[-\u2013\u2014]"
# In this order: what one has read is taken out of the title before the next looks.
_VERSIONS = [
    rf"{_BEFORE_YEAR}(?<![0-9.])(?P<year>{_YEAR})(?:\s*(?:/|{_DASH})\s*(?:{_YEAR}|[0-9]{{2}}))?(?![0-9.])",
    rf"(?<!\w)(?:v|vers?|version|versión|edition|ed|release|rev)\.?\s*{_NUMBER}(?:\.[0-9]+)*(?!\w)",
    rf"(?<!\w){_NUMBER}(?:st|nd|rd|th|e)?\.?\s*(?:edition|edición|édition|auflage|ed\b\.?)",
    rf"(?<!\w)(?P<word>{'|'.join(ORDINALS)}|new|revised|updated)\s+edition",
    rf"(?<!\w)(?:edition|version)\s+(?P<word>{_NUMERAL})(?!\w)",
    r"(?<![\w.])(?P<number>[2-9])\.0(?![\w.])",
    rf"(?<!\w)(?:cohort|batch|intake|re-?run|run)\s*#?\s*{_NUMBER}(?!\w)",
    r"^copy of\s|\s-\s*copy$|[(\[]\s*(?:copy|archived?|old|legacy|deprecated|retired|new)\s*[)\]]",
]
_PARTS = [
    rf"(?<!\w)(?:{_PART})\.?\s*#?\s*(?P<part>[0-9]{{1,2}}|{_NUMERAL})(?!\w)",
    r"第\s*(?P<part>[0-9]{1,2}|[一二三四五六七八九十])\s*[章部册冊回巻卷讲講课課期]?",
    r"\(\s*(?P<part>[一二三四五六七八九十上中下])\s*\)",
    rf"(?<![\w.,-])(?P<part>[0-9]{{1,2}}|x{{0,2}}(?:ix|iv|v?i{{1,3}}|v|x))\s*(?=$|[:;,|()]|{_DASH}\s)",
]
_SAYS_VERSION = [re.compile(pattern) for pattern in _VERSIONS]
_SAYS_PART = [re.compile(pattern) for pattern in _PARTS]
_SEPARATOR = re.compile(rf"[:|(]|\s{_DASH}+\s|\s(?:for|para|pour|für)\s")
_CODE = re.compile(r"(?<!\w)(?:[a-z]{1,6}-?[0-9]{1,5}[a-z]{0,3}|[0-9]{2,3}-[0-9]{2,4})(?!\w)")
_AMOUNT = re.compile(r"(?<![\w.])[0-9]+(?:[.,][0-9]+)*(?!\w)")


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart."""

    words: tuple[str, ...]
    """Lower case, in order, without what says the version."""
    versions: tuple[int, ...] = ()
    """Years and numbers of versions, in order."""
    parts: frozenset[int] = frozenset()
    """Its places in a series, if it names any."""
    level: frozenset[int] = frozenset()
    """1 beginners, 2 intermediate, 3 advanced: what it names, unless it is all."""
    codes: frozenset[str] = frozenset()
    """Letters and digits that name a thing: az900, cs50."""
    amounts: frozenset[str] = frozenset()
    """All other numbers."""
    head: tuple[str, ...] = ()
    """The words before a colon, a dash or "for"; none where nothing follows."""

    @property
    def key(self) -> str:
        """The same for titles that differ by version, order, articles or punctuation alone."""
        words = sorted({*self.words} - NOT_IN_KEY)
        return " ".join([*words, *map(str, sorted(self.parts))])


def read_title(text: str) -> Title:
    """Take a title apart; an empty one has no words. Cost: a few regular expressions."""
    rest = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    versions: list[int] = []
    for pattern in _SAYS_VERSION:
        rest = pattern.sub(lambda match: _noted(match, versions), rest)
    parts: list[int] = []
    without_parts = rest
    for pattern in _SAYS_PART:
        without_parts = pattern.sub(lambda match: _noted_part(match, parts), without_parts)
    codes = frozenset(code.replace("-", "") for code in _CODE.findall(without_parts))
    left = _CODE.sub(" ", without_parts)
    words = [word for word in words_of(without_parts) if word not in VERSION_WORDS]
    return Title(
        tuple(map(sys.intern, words)),
        tuple(versions),
        frozenset(parts),
        _level(words),
        codes,
        frozenset(_AMOUNT.findall(left)),
        _head(rest),
    )


def differ_by_number(ours: Title, theirs: Title) -> str:
    """What makes them two courses whatever else is the same, in words; "" if nothing does."""
    if (ours.parts or FIRST) != (theirs.parts or FIRST):
        return "other parts of a series"
    # A course for beginners need not say so: only higher levels part it from one that says none.
    levels = ours.level | theirs.level
    if levels and max(levels) > 1 and not ours.level & theirs.level:
        return "other levels"
    if ours.codes - theirs.codes and theirs.codes - ours.codes:
        return "other codes"
    if ours.amounts - theirs.amounts and theirs.amounts - ours.amounts:
        return "other numbers"
    return ""


def _level(words: Iterable[str]) -> frozenset[int]:
    """None too where it goes from beginners to experts."""
    named = frozenset(LEVELS[word] for word in words if word in LEVELS)
    return frozenset() if named >= {1, 3} else named


def _head(title: str) -> tuple[str, ...]:
    separator = _SEPARATOR.search(title)
    if separator is None or not title[separator.end() :].strip():
        return ()
    return tuple(words_of(title[: separator.start()]))


def _noted(match: re.Match[str], versions: list[int]) -> str:
    said = match.groupdict()
    word = said.get("word") or ""
    number = said.get("year") or said.get("number") or ORDINALS.get(word, NUMERALS.get(word, 0))
    versions.append(int(number))
    return " "


def _noted_part(match: re.Match[str], parts: list[int]) -> str:
    said = match["part"]
    part = int(said) if said.isdecimal() else NUMERALS.get(said, 0)
    if not 0 < part <= LARGEST_PART:
        return match[0]
    parts.append(part)
    return " "
