"""Users, and courses, in alphabetical order, in pages that can be found without a scan."""

from collections.abc import Iterator, Sequence

from shared.records import DIRECTORY_START, FactsKind, FactsRow, Handle, directory_key

HANDLES_PER_PAGE = 1000
BYTES_PER_PAGE = 100_000
"""Of a page's handles and titles, so that a row fits into any store."""
TITLE_CHARACTERS = 200
"""Of a title, which is whole among the facts of its course."""

Named = tuple[Handle, str]
"""What is listed, and what it is called there."""


def directory(
    kind: FactsKind, handles: Sequence[Handle], titles: Sequence[str] | None = None
) -> Iterator[FactsRow]:
    """Pages 0, 1, ..., then DIRECTORY_START: ``{"starts": [key of each page]}``.

    A page is ``{"handles": [...]}``, ascending by `directory_key`, and with `titles` (one a handle,
    "" where there is none) ``{"handles": [...], "titles": [...]}``, ascending by that of the title,
    or of the handle without one. Cost: one sort.
    """
    names = map(str, handles) if titles is None else _called(handles, titles)
    starts = []
    for number, page in enumerate(_pages(sorted(zip(handles, names, strict=True), key=_order))):
        starts.append(directory_key(page[0][1]))
        facts = {"handles": [handle for handle, _ in page]}
        if titles is not None:
            facts["titles"] = [title for _, title in page]
        yield FactsRow(kind, number, facts)
    yield FactsRow(kind, DIRECTORY_START, {"starts": starts})


def _called(handles: Sequence[Handle], titles: Sequence[str]) -> Iterator[str]:
    for handle, title in zip(handles, titles, strict=True):
        yield title[:TITLE_CHARACTERS] or str(handle)


def _order(named: Named) -> tuple[str, str, str]:
    handle, name = named
    return directory_key(name), name, str(handle)


def _pages(named: Sequence[Named]) -> Iterator[list[Named]]:
    page: list[Named] = []
    size = 0
    for handle, name in named:
        length = sum(len(text.encode()) for text in {str(handle), name})
        if page and (len(page) == HANDLES_PER_PAGE or size + length > BYTES_PER_PAGE):
            yield page
            page, size = [], 0
        page.append((handle, name))
        size += length
    if page:
        yield page
