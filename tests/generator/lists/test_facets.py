import random
import zlib
from base64 import b64decode

import numpy as np
import pytest
import scipy.sparse as sp

from generator.lists import facets as module
from generator.lists.directory import directory
from generator.lists.facets import Labels, course_facets, facet_rows, word_rows
from shared.records import COURSE_DIRECTORY, COURSE_FACETS, FACETS_START, FactsRow
from tests.datasets import make_dataset
from tests.facet_labels import labels_of

START = FactsRow(COURSE_FACETS, FACETS_START, {"facets": []})


def read(rows) -> tuple[list[dict], dict[str, dict]]:
    by_subject = {row.subject: row.facts for row in rows if row.kind == COURSE_FACETS}
    return by_subject.pop(FACETS_START)["facets"], by_subject


def places(facts: dict) -> set[int]:
    """Bit by bit, as the docstring has it."""
    if "at" in facts:
        assert facts["at"] == sorted(set(facts["at"]))
        return set(facts["at"])
    packed = zlib.decompress(b64decode(facts["set"]))
    return {8 * byte + bit for byte, of in enumerate(packed) for bit in range(8) if of >> bit & 1}


@pytest.mark.parametrize("few", [0, 5, 50])
def test_every_value_names_the_places_of_its_courses_in_the_directory(monkeypatch, few):
    monkeypatch.setattr(module, "FEW", few)
    chance = random.Random(3)
    handles = [f"c{number}" for number in range(61)]
    titles = [chance.choice(["", "Zig", "ada", "Éva"]) for _ in handles]
    tags = [chance.sample("abcdefg", chance.randrange(4)) for _ in handles]
    order = np.array(module.alphabetical(handles, titles))
    heads, values = read(facet_rows({"tag": labels_of(tags)}, order))
    *pages, _ = directory(COURSE_DIRECTORY, handles, titles)
    listed = [handle for page in pages for handle in page.facts["handles"]]
    for tag in "abcdefg":
        facts = values[f"tag/{tag}"]
        carriers = {handle for handle, of_one in zip(handles, tags, strict=True) if tag in of_one}
        assert {listed[place] for place in places(facts)} == carriers
        assert facts["courses"] == len(carriers)
    counts = [count for _, count in heads[0]["most"]]
    assert counts == sorted(counts, reverse=True)
    assert dict(map(tuple, heads[0]["most"])) == {
        tag: sum(tag in of_one for of_one in tags) for tag in "abcdefg"
    }


def test_upper_and_lower_case_are_one_value_spelt_as_it_mostly_is():
    of_courses = [["Go"], ["go"], ["GO", "rust"], ["Go"], ["rust"]]
    heads, values = read(facet_rows({"tag": labels_of(of_courses)}, np.arange(5)))
    assert heads == [{"name": "tag", "values": 2, "most": [["Go", 4], ["rust", 2]]}]
    assert places(values["tag/go"]) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    "of_courses",
    [[["en"]] * 9, [[f"A. Author {course}"] for course in range(9)], [[]] * 9],
    ids=["the same for all", "another for each", "none"],
)
def test_what_does_not_tell_courses_apart_is_no_facet(of_courses):
    assert read(facet_rows({"name": labels_of(of_courses)}, np.arange(9))) == ([], {})


def test_names_with_a_slash_and_values_too_long_for_a_key_are_left_out():
    halves = labels_of([["a"], ["a"], ["b"], ["b"]])
    long = labels_of([["a", "é" * 300], ["a"], ["b"], ["b", "é" * 300]])
    heads, values = read(facet_rows({"a/b": halves, "text": long}, np.arange(4)))
    assert [head["name"] for head in heads] == ["text"]
    assert set(values) == {"text/a", "text/b"}


def test_rows_stay_bounded_whatever_the_catalogue(monkeypatch):
    monkeypatch.setattr(module, "MOST_VALUES", 3)
    monkeypatch.setattr(module, "VALUES_AHEAD", 2)
    monkeypatch.setattr(module, "MOST_FACETS", 2)
    of_courses = labels_of([[f"v{course % 5}"] for course in range(20)])
    heads, values = read(facet_rows(dict.fromkeys("xyz", of_courses), np.arange(20)))
    assert [(head["name"], head["values"], len(head["most"])) for head in heads] == [
        ("x", 3, 2),
        ("y", 3, 2),
    ]
    assert len(values) == 6
    monkeypatch.setattr(module, "MOST_COURSES", 19)
    assert list(facet_rows({"x": of_courses}, np.arange(20))) == []


def test_a_set_of_all_courses_of_the_largest_catalogue_fits_into_a_row_of_any_store():
    chance = np.random.default_rng(1)
    halves = sp.csr_matrix(chance.random((395_000, 2)) < 0.5)
    rows = list(facet_rows({"half": Labels(halves, ["a", "b"])}, np.arange(395_000)))
    assert max(len(row.to_json()) for row in rows) < 100_000


def test_the_facets_of_a_dataset_are_its_tags_and_the_levels_it_was_viewed_at():
    dataset = make_dataset(
        views=[
            ("u1", "go", 60.0, "beginner"),
            ("u2", "go", 60.0, "advanced"),
            ("u1", "rust", 60.0, "beginner"),
            ("u1", "zig", 60.0, "advanced"),
        ],
        courses=["zig", "rust", "go"],
    )
    heads, values = read(course_facets(dataset))
    assert [head["name"] for head in heads] == ["level"]
    assert places(values["level/beginner"]) == {0, 1}
    assert places(values["level/advanced"]) == {0, 2}
    assert places(values["title/rust"]) == {1}, "a course without a title is called by its handle"


@pytest.mark.parametrize("few", [0, 2])
def test_every_word_of_a_title_names_the_places_of_its_courses(monkeypatch, few):
    monkeypatch.setattr(module, "FEW", few)
    names = ["C# for Éva", "data-science FOR data", "Docker", "e\u0301va 101", "", "for"]
    words = {key: places(facts) for key, facts in read([*word_rows(names), START])[1].items()}
    assert words == {
        "title/c": {0},
        "title/for": {0, 1, 5},
        "title/éva": {0, 3},
        "title/data": {1},
        "title/science": {1},
        "title/docker": {2},
        "title/101": {3},
    }
    monkeypatch.setattr(module, "MOST_COURSES", 5)
    assert list(word_rows(names)) == []
