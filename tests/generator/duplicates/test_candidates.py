import numpy as np
import pytest

from generator.duplicates import candidates
from generator.duplicates.candidates import candidate_pairs
from generator.duplicates.titles import read_title
from generator.duplicates.weighted import of_words


@pytest.fixture(scope="module")
def vocabulary():
    rng = np.random.default_rng(0)
    return np.array(["".join(chr(97 + n) for n in rng.integers(0, 26, 6)) for _ in range(3000)])


def _pairs(titles, descriptions):
    read = [read_title(title) for title in titles]
    left, right = candidate_pairs(read, of_words(descriptions), threads=1)
    return set(zip(left.tolist(), right.tolist(), strict=True))


def _written(vocabulary, courses):
    rng = np.random.default_rng(1)
    titles = [" ".join(rng.choice(vocabulary, 5)) for _ in range(courses)]
    descriptions = [" ".join(rng.choice(vocabulary, 120)) for _ in range(courses)]
    return titles, descriptions


def test_one_long_text_under_the_title_of_another_course_is_looked_at(vocabulary):
    titles, descriptions = _written(vocabulary, 400)
    pairs = _pairs([*titles, *titles[:50]], [*descriptions, *descriptions[50:100]])
    assert {(50 + copy, 400 + copy) for copy in range(50)} <= pairs


def test_one_title_with_another_text_is_looked_at_whatever_follows_or_precedes(vocabulary):
    titles, descriptions = _written(vocabulary, 400)
    again = [" ".join(reversed(title.split())) for title in titles[:50]]
    pairs = _pairs([*titles, *again], [*descriptions, *[""] * 50])
    assert {(copy, 400 + copy) for copy in range(50)} <= pairs


def test_codes_are_found_however_they_are_cut():
    titles = [f"camera wx{number} black" for number in range(100, 160)]
    cut = [f"black wx-{number} camera" for number in range(100, 160)]
    pairs = _pairs([*titles, *cut], [""] * 120)
    assert {(copy, 60 + copy) for copy in range(60)} <= pairs


def test_the_commonest_words_are_left_out_where_they_would_cost_too_much(vocabulary, monkeypatch):
    titles, _ = _written(vocabulary, 100)
    titles, boilerplate = [*titles, titles[0]], ["earn a certificate at your own pace"] * 101
    assert len(_pairs(titles, boilerplate)) > 500
    monkeypatch.setattr(candidates, "MOST_TERMS", 5000)
    assert (0, 100) in _pairs(titles, boilerplate)
    assert len(_pairs(titles, boilerplate)) < 50


def test_no_courses_have_no_pairs():
    assert _pairs([], []) == set()
