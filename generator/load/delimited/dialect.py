"""How a file of delimited text is written, as DATA_COLUMNS says it or its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from shared.errors import SettingsError

Quote = Literal["auto", "none", "double"]
SEPARATORS = {"tab": "\t", "space": " ", "comma": ",", "pipe": "|", "semicolon": ";"}
DIALECT_WORDS = ("sep", "quote", "escape", "encoding")


@dataclass(frozen=True)
class Dialect:
    separator: str = ""
    """Empty: what the file's name says."""

    quote: Quote = "auto"
    """`none` takes quotes as they stand, `double` lets them enclose fields with "" for one inside,
    and `auto` finds out line by line."""

    escape: str = ""
    """A character that takes its meaning from the next one."""

    encoding: str = ""
    """Empty is UTF-8. A byte order mark wins."""

    @classmethod
    def declared(cls, declared: Mapping[str, str]) -> "Dialect":
        """Raises SettingsError for a word's value that is none."""
        separator, quote = declared.get("sep", ""), declared.get("quote", "auto")
        if quote not in get_args(Quote):
            raise _wrong("quote", quote, f"one of {', '.join(get_args(Quote))}")
        escape = declared.get("escape", "")
        if len(escape.encode()) > 1 or escape == '"':
            raise _wrong("escape", escape, "one sign, such as \\; a doubled quote needs no word")
        encoding = declared.get("encoding", "")
        try:
            encoding.encode(encoding or "utf-8")
        except (LookupError, UnicodeError):
            raise _wrong(
                "encoding", encoding, "a name such as utf-8, windows-1252, latin-1 or utf-16"
            ) from None
        return cls(
            SEPARATORS.get(separator, separator), cast(Quote, quote), escape, encoding.lower()
        )


def _wrong(word: str, value: str, expected: str) -> SettingsError:
    return SettingsError(f"DATA_COLUMNS has {word}={value}: expected {expected}.")
