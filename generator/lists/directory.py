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
    """Pages 0, 1, ..., then DIRECTORY_START: ``{"starts": [...], "sizes": [...]}``, of each page
    the key that it starts with and how many entries it has.

    A page is ``{"handles": [...]}``, ascending by `directory_key`, and with `titles` (one a handle,
    "" where there is none) ``{"handles": [...], "titles": [...]}``, ascending by that of the title,
    or of the handle without one. Cost: one sort.
    """
    names = names_of(handles, titles)
    in_order = [(handles[row], names[row]) for row in _sorted(handles, names)]
    starts, sizes = [], []
    for number, page in enumerate(_pages(in_order)):
        starts.append(directory_key(page[0][1]))
        sizes.append(len(page))
        facts = {"handles": [handle for handle, _ in page]}
        if titles is not None:
            facts["titles"] = [title for _, title in page]
        yield FactsRow(kind, number, facts)
    yield FactsRow(kind, DIRECTORY_START, {"starts": starts, "sizes": sizes})


def alphabetical(handles: Sequence[Handle], titles: Sequence[str] | None = None) -> list[int]:
    """The row numbers in the order of the directory. Cost: one sort."""
    return _sorted(handles, names_of(handles, titles))


def names_of(handles: Sequence[Handle], titles: Sequence[str] | None = None) -> list[str]:
    """By what each is in order: the title, or the handle where there is none."""
    if titles is None:
        return [str(handle) for handle in handles]
    named = zip(handles, titles, strict=True)
    return [title[:TITLE_CHARACTERS] or str(handle) for handle, title in named]


def _sorted(handles: Sequence[Handle], names: Sequence[str]) -> list[int]:
    return sorted(
        range(len(names)),
        key=lambda row: (directory_key(names[row]), names[row], str(handles[row])),
    )


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
