"""Words of a title, by which courses are found: the generator stores them, the server looks."""

import re
from typing import Final
from unicodedata import normalize

TITLE_WORD: Final = "title"
"""The facet of these words; no attribute is called so, since courses have a column of that name."""
_WORD = re.compile(r"\w+")


def title_words(title: str) -> list[str]:
    """Each once, in lower case: ``C# for Data-Science`` has c, for, data and science."""
    return list(dict.fromkeys(_WORD.findall(normalize("NFC", title).casefold())))
