"""What people wrote, without markup, and the words in it."""

import html
import re
import unicodedata

LONGEST_TEXT = 20_000
"""Characters that are kept: some 3,000 words, and nobody's description is longer by intent."""
LONGEST_MARKUP = 10 * LONGEST_TEXT
"""Characters that are looked at: what pages paste in is mostly tags."""

# Every alternative either matches from where it starts or fails at the next "<": time is linear,
# also where comments, scripts and tags are opened by the thousand and never closed.
MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style)\b.*?(?:</\1[^<>]*>|\Z)"
    r"|</?[a-z][^<>]*(?:>|\Z)"
    r"|<[!?][^<>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
MAY_BE_MARKUP = re.compile(r"[<&]")
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, directions of writing, halves of characters: nothing that one reads."""

MARKS = "".join(
    chr(code) for code in range(0x300, 0xABF0) if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
"""Vowel signs and accents that are characters of their own, as in Hindi: parts of words."""


def _word(letter: str, apostrophe: str) -> re.Pattern[str]:
    return re.compile(
        rf"((?<!{letter})\.net(?!{letter})"
        rf"|{letter}+(?:\.(?:js|net)(?!{letter})|\+\+|[+#](?!{letter}))?)"
        rf"(?:{apostrophe}(?:s|t|d|m|ll|re|ve)(?!{letter}))?"
    )


WORD = _word(rf"(?:[^\W_]|[{MARKS}])", "['\u2019]")
ASCII_WORD = _word("[a-z0-9]", "'")
"""The same for texts of ASCII alone, in half the time."""
WITHIN_WORDS = ("+", "#", "'", ".net", ".js")
"""What may be part of a word beside letters and digits; most texts have none of it."""
BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai, Lao, Burmese, Khmer, Kana and Han: scripts without blanks between words."""
RUNS = re.compile(rf"[{UNSPACED}]+|[^{UNSPACED}]+")
HAS_UNSPACED = re.compile(rf"[{UNSPACED}]")


def cleaned(text: str) -> str:
    """The text as one would read it: no tags, scripts, entities or control characters.

    In Unicode's form NFKC, with one blank for any white space, and at most LONGEST_TEXT characters.
    """
    text = text[:LONGEST_MARKUP]
    if MAY_BE_MARKUP.search(text):
        # Markup that was escaped when it was stored comes out as markup: hence twice.
        text = html.unescape(MARKUP.sub(" ", html.unescape(text)))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not (text.isascii() and text.isprintable()):
        text = INVISIBLE.sub("", text)
    return " ".join(text.split())[:LONGEST_TEXT]


def words_of(text: str) -> list[str]:
    """The words of a text that is cleaned, in lower case and in their order.

    c++, c#, a+, .net and node.js are words, the 's of python's is none. Scripts without blanks give
    all pairs of neighbouring characters (Nie, Gao, Zhang & Zhou 2000: about as good as a
    dictionary).
    """
    text = text.lower()
    if text.isascii():
        if any(part in text for part in WITHIN_WORDS):
            return ASCII_WORD.findall(text)
        return text.translate(BLANKS).split()
    words: list[str] = WORD.findall(text)
    if not HAS_UNSPACED.search(text):
        return words
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if word.isascii():
        return [word]
    parts = []
    for run in RUNS.findall(word):
        if HAS_UNSPACED.match(run) and len(run) > 1:
            parts += [run[place : place + 2] for place in range(len(run) - 1)]
        else:
            parts.append(run)
    return parts
