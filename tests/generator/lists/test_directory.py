import random

import pytest

from generator.lists import directory as module
from generator.lists.directory import directory
from shared.records import (
    COURSE_DIRECTORY,
    DIRECTORY_START,
    USER_DIRECTORY,
    FactsRow,
    directory_key,
)

MIXED = ["ada", "Ada", "bob", "Éva", "x" * 512, "X" * 511, "<b>", "ß"]


def pages_of(handles, kind=USER_DIRECTORY, titles=None) -> tuple[list[FactsRow], list[str]]:
    *pages, start = directory(kind, handles, titles)
    assert {row.kind for row in (*pages, start)} == {kind}
    assert start.subject == DIRECTORY_START
    assert [page.subject for page in pages] == list(range(len(pages)))
    assert start.facts["sizes"] == [len(page.facts["handles"]) for page in pages]
    return pages, start.facts["starts"]


@pytest.mark.parametrize("handles", [list(range(0, 5000, 7)), MIXED, [3], []])
def test_every_handle_is_on_one_page_in_the_order_of_keys(monkeypatch, handles):
    monkeypatch.setattr(module, "HANDLES_PER_PAGE", 10)
    shuffled = random.Random(1).sample(handles, len(handles))
    pages, starts = pages_of(shuffled)
    found = [handle for page in pages for handle in page.facts["handles"]]
    assert sorted(map(repr, found)) == sorted(map(repr, handles))
    keys = [directory_key(handle) for handle in found]
    assert keys == sorted(keys)
    assert starts == [directory_key(page.facts["handles"][0]) for page in pages]


def test_pages_of_long_handles_are_cut_by_bytes(monkeypatch):
    monkeypatch.setattr(module, "BYTES_PER_PAGE", 1000)
    pages, _ = pages_of([f"{i:03}{'é' * 200}" for i in range(20)])
    assert max(len(page.to_json()) for page in pages) < 1400
    assert len(pages) == 10


def test_courses_are_in_the_order_of_their_titles_and_have_their_handle_without_one():
    handles = [7, 3, 5, 9, 4]
    titles = ["Zig", "ada for all", "", "Ada for all", "x" * 5000]
    (page,), starts = pages_of(handles, COURSE_DIRECTORY, titles)
    assert page.facts["handles"] == [5, 9, 3, 4, 7]
    assert page.facts["titles"] == ["5", "Ada for all", "ada for all", "x" * 200, "Zig"]
    assert starts == ["5"]
