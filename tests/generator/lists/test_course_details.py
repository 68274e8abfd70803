import time

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.lists.course_details import (
    MOST_CHARACTERS,
    MOST_DUPLICATES,
    course_details,
    excerpt,
    shown_picture,
)
from generator.reviews.opinions import opinions_of
from tests.datasets import make_dataset, table


def test_a_course_has_what_there_is_of_it_and_nothing_else():
    dataset = build_dataset(
        {
            "courses": table(
                "courses",
                "course_id description image_path",
                [
                    ("a", "<p>All of&nbsp;it.</p>", "https://cdn.example.org/a.png"),
                    ("b", None, None),
                ],
            ),
            "course_completions": table("course_completions", "user_handle course_id", [(1, "a")]),
            "course_reviews": table(
                "course_reviews",
                "user_handle course_id rating review_text",
                [(1, "a", 4, "I love this great course.")],
            ),
        }
    )
    full, empty = course_details(dataset, opinions_of(dataset), np.array([0, 0], np.int32))
    assert full["sentiment"].pop("mean") > 0.5
    assert full == {
        "description": "All of it.",
        "picture": "https://cdn.example.org/a.png",
        "completions": 1,
        "rating": {"mean": 4.0, "count": 1, "best": 5.0},
        "sentiment": {"count": 1},
        "duplicates": ["b"],
        "duplicate_count": 1,
    }
    assert empty == {"duplicates": ["a"], "duplicate_count": 1}
    assert list(course_details(make_dataset(courses=["x"]))) == [{}]


def test_the_course_that_stands_for_the_others_is_named_first():
    dataset = make_dataset(courses=["a", "b", "c", "d"])
    stands_for = np.array([2, 1, 2, 2], np.int32)
    duplicates = [d.get("duplicates") for d in course_details(dataset, stands_for=stands_for)]
    assert duplicates == [["c", "d"], None, ["a", "d"], ["c", "a"]]


def test_of_very_many_equal_courses_each_names_a_few():
    dataset = make_dataset(courses=list(range(20_000)))
    started = time.process_time()
    rows = list(course_details(dataset, stands_for=np.full(20_000, 7, np.int32)))
    assert time.process_time() - started < 2
    assert {len(row["duplicates"]) for row in rows} == {MOST_DUPLICATES}
    assert {row["duplicate_count"] for row in rows} == {19_999}
    assert all(row["duplicates"][0] == 7 for place, row in enumerate(rows) if place != 7)


def test_a_long_description_ends_with_a_word():
    text = "word " * 1000
    shown = excerpt(text)
    assert len(shown) <= MOST_CHARACTERS
    assert shown.endswith("word\N{HORIZONTAL ELLIPSIS}")
    assert len(excerpt("x" * 1_000_000)) == MOST_CHARACTERS
    exact = "a" * (MOST_CHARACTERS - 1) + " b"
    assert excerpt(exact) == "a" * (MOST_CHARACTERS - 1) + "\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize(
    "path",
    [
        "https://cdn.example.org/a.png",
        "HTTP://cdn.example.org:8080/a%20b.png?size=2",
        "pictures/a.png",
        "a b.png",
        "course-0-01.png",
    ],
)
def test_addresses_and_paths_in_a_folder_are_pictures(path):
    assert shown_picture(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://example.org/a.png",
        "//cdn.example.org/a.png",
        "/etc/passwd",
        "../../etc/passwd",
        "a/../../b.png",
        "..\\b.png",
        "C:\\pictures\\b.png",
        "https://",
        "https://user:secret@example.org/a.png",
        "https://[::1/a.png",
        "https://example.org:port/a.png",
        "https://example.org/a b.png",
        "https://example.org/a\n.png",
        "a\x00.png",
        "https://example.org/" + "a" * 3000,
    ],
)
def test_anything_else_is_none(path):
    assert shown_picture(path) is None
