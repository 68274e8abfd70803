"""For whom lists are read now: for callers of the API, or for a page that somebody looks at."""

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Final

API: Final = "api"
PAGES: Final = "pages"

ASKER: ContextVar[str] = ContextVar("kindred.asker", default=API)


def for_a_page() -> Callable[[], None]:
    """Until the result is called, what this thread reads is for a page."""
    token: Token[str] = ASKER.set(PAGES)
    return lambda: ASKER.reset(token)
