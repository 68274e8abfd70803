"""Names from outside, and how they are written as keys."""

import orjson

Handle = int | str
"""A name from outside, kept as the type it came in: 999 and "999" are two users."""

MAX_HANDLE_CHARACTERS = 512
DIRECTORY_KEY_CHARACTERS = 32
INT64_MAX = 2**63 - 1


def is_handle(value: object) -> bool:
    """True for a 64-bit integer (not a bool) or a non-empty Unicode text of bounded length."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -INT64_MAX - 1 <= value <= INT64_MAX
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_HANDLE_CHARACTERS
        # Half of a surrogate pair, which JSON can smuggle in, is no text and has no UTF-8.
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )


def trimmed(handle: Handle) -> Handle:
    """A text without the white space around it, as Unicode knows it; an integer as it is.

    Tables and requests both go through this, so that " ada " of a file is "ada" of a request. What
    is empty afterwards is no handle.
    """
    return handle.strip() if isinstance(handle, str) else handle


def handle_key(handle: Handle) -> str:
    """The handle as JSON text (``999``, ``"ada"``): one string key that keeps the type."""
    return orjson.dumps(handle).decode()


def directory_key(handle: Handle) -> str:
    """What handles are ordered by in the directory; the beginning of a long one will do."""
    return str(handle).casefold()[:DIRECTORY_KEY_CHARACTERS]
