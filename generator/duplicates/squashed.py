"""Texts without what separates their letters and digits: dsc-w170 and dscw170 are one code."""

from collections.abc import Sequence

SHORTEST_CODE = 4
LONGEST = 2000
"""Characters that are looked at; where texts are longer, their beginnings are compared."""
OF_LETTERS = 3


def squashed(text: str) -> str:
    """Lower case, without blanks, punctuation and emoji."""
    return "".join(filter(str.isalnum, text.casefold()))[:LONGEST]


def letter_groups(text: str) -> list[str]:
    """Every three characters that follow each other, the edges of the text among them."""
    padded = f" {squashed(text)} "
    return [padded[at : at + OF_LETTERS] for at in range(len(padded) - OF_LETTERS + 1)]


def codes_of(title: str) -> list[str]:
    """The words with a digit in them, squashed, but for very short ones."""
    words = map(squashed, title.split())
    return [word for word in words if len(word) >= SHORTEST_CODE and any(map(str.isdigit, word))]


def share_found(codes: Sequence[str], text: str) -> float | None:
    """How much of a code's beginning stands in the squashed text, at best; None without codes."""
    return max((_prefix_found(code, text) / len(code) for code in codes), default=None)


def _prefix_found(code: str, text: str) -> int:
    for length in range(len(code), SHORTEST_CODE - 1, -1):
        if code[:length] in text:
            return length
    return 0
