"""User handles that begin with what somebody has typed."""

from bisect import bisect_left

from server.reading.live_view import LiveGeneration
from shared.records import DIRECTORY_START, USER_DIRECTORY, FactsRow, Handle, directory_key

MOST_PAGES = 5
"""Read for one answer; more only where thousands of handles begin with the same 32 characters."""


def handles_beginning(live: LiveGeneration, typed: str, most: int) -> list[Handle]:
    """The first `most` in alphabetical order; upper and lower case are the same."""
    prefix = typed.casefold()
    starts = _facts(live, DIRECTORY_START).get("starts", [])
    # The page before the first that starts at or after the prefix may hold it too.
    page = max(bisect_left(starts, prefix[: len(directory_key(prefix))]) - 1, 0)
    found: list[Handle] = []
    for number in range(page, min(page + MOST_PAGES, len(starts))):
        handles = _facts(live, number)["handles"]
        found += [handle for handle in handles if str(handle).casefold().startswith(prefix)]
        if len(found) >= most or str(handles[-1]).casefold()[: len(prefix)] > prefix:
            break
    return found[:most]


def _facts(live: LiveGeneration, page: int) -> dict[str, list[Handle]]:
    row = live.rows([(USER_DIRECTORY, page)]).get((USER_DIRECTORY, page))
    return row.facts if isinstance(row, FactsRow) else {}
