"""Every user handle in alphabetical order, in pages that can be found without a scan."""

from collections.abc import Iterator, Sequence

from shared.records import (
    DIRECTORY_START,
    USER_DIRECTORY,
    FactsRow,
    Handle,
    directory_key,
)

HANDLES_PER_PAGE = 1000
BYTES_PER_PAGE = 100_000
"""Of a page's handles, so that a row fits into any store."""


def directory(handles: Sequence[Handle]) -> Iterator[FactsRow]:
    """Pages 0, 1, ..., then DIRECTORY_START: ``{"starts": [key of each page]}``.

    A page is ``{"handles": [...]}``, ascending by `directory_key`. Cost: one sort.
    """
    starts = []
    for number, page in enumerate(_pages(sorted(handles, key=_order))):
        starts.append(directory_key(page[0]))
        yield FactsRow(USER_DIRECTORY, number, {"handles": page})
    yield FactsRow(USER_DIRECTORY, DIRECTORY_START, {"starts": starts})


def _order(handle: Handle) -> tuple[str, str]:
    return directory_key(handle), str(handle)


def _pages(handles: Sequence[Handle]) -> Iterator[list[Handle]]:
    page: list[Handle] = []
    size = 0
    for handle in handles:
        length = len(str(handle).encode())
        if page and (len(page) == HANDLES_PER_PAGE or size + length > BYTES_PER_PAGE):
            yield page
            page, size = [], 0
        page.append(handle)
        size += length
    if page:
        yield page
