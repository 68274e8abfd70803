import time

import numpy as np
import pytest

from generator.dataset.indices import UNDATED
from generator.dataset.texts import Reviews
from generator.reviews.sentiment import (
    MOST_CHARACTERS,
    MOST_TEXTS,
    beginning,
    course_sentiments,
    is_english,
)

GOOD = "This course is great, I love the exercises and the teacher."
BAD = "A terrible course, boring and a waste of money."


def reviews(*rows: tuple[int, int, str]) -> Reviews:
    """(user, course, text); later rows are later."""
    users, courses, texts = zip(*rows, strict=True) if rows else ((), (), ())
    return Reviews(
        np.array(users, np.int32),
        np.array(courses, np.int32),
        np.full(len(rows), UNDATED),
        np.full(len(rows), np.nan, np.float32),
        texts,
    )


def test_courses_are_spoken_of_well_and_badly():
    spoken = course_sentiments(reviews((0, 0, GOOD), (1, 0, GOOD), (0, 1, BAD)), (2, 3))
    assert spoken.means[0] > 0.6
    assert spoken.means[1] < -0.6
    assert np.isnan(spoken.means[2])
    assert spoken.counts.tolist() == [2, 1, 0]


def test_what_a_user_wrote_last_counts_and_once():
    spoken = course_sentiments(reviews((0, 0, GOOD), (0, 0, GOOD), (0, 0, BAD)), (1, 1))
    assert spoken.means[0] < 0
    assert (spoken.read, spoken.english) == (1, 1)


def test_a_negation_turns_it_around():
    spoken = course_sentiments(reviews((0, 0, "It was good."), (0, 1, "It was not good.")), (1, 2))
    assert spoken.means[0] > 0 > spoken.means[1]


@pytest.mark.parametrize(
    "text",
    [
        "Muy buen curso, muchas gracias por todo",
        "Der Kurs war leider nicht gut und viel zu lang",
        "Отличный курс, спасибо",
        "とても良いコースでした",
        "\N{THUMBS UP SIGN}" * 40,
        "!!! ... ???",
        "12345",
        " ",
    ],
)
def test_what_is_not_english_has_no_sentiment(text):
    assert not is_english(text)
    spoken = course_sentiments(reviews((0, 0, text), (1, 0, GOOD)), (2, 1))
    assert (spoken.read, spoken.english) == (2, 1)
    assert spoken.means[0] > 0.6


@pytest.mark.parametrize("text", [GOOD, BAD, "Great!", "Not worth the money", "Love it :)"])
def test_what_is_english_has_one(text):
    assert is_english(text)


@pytest.mark.parametrize("unit", ["good ", "x", "\N{GRINNING FACE}", "great\n", "ü", "!"])
def test_texts_of_a_megabyte_take_no_longer_than_short_ones(unit):
    text = (unit * 1_000_000)[:1_000_000]
    started = time.process_time()
    spoken = course_sentiments(reviews((0, 0, text)), (1, 1))
    assert time.process_time() - started < 0.5
    assert spoken.read == 1


def test_of_a_long_text_whole_words_are_read():
    text = "word " * 300
    assert len(beginning(text)) <= MOST_CHARACTERS
    assert beginning(text).endswith("word")
    assert beginning("x" * 3000) == "x" * MOST_CHARACTERS
    assert beginning("short") == "short"


def test_equal_texts_are_read_once():
    many = reviews(*((user, user % 7, GOOD) for user in range(50_000)))
    started = time.process_time()
    spoken = course_sentiments(many, (50_000, 7))
    assert time.process_time() - started < 2
    assert spoken.counts.tolist() == [MOST_TEXTS] * 7


def test_of_a_course_with_many_reviews_the_latest_are_read():
    rows = [(user, 0, BAD) for user in range(50)]
    rows += [(50 + user, 0, f"{GOOD} {user}") for user in range(MOST_TEXTS)]
    rows += [(0, 1, BAD)]
    spoken = course_sentiments(reviews(*rows), (200, 2))
    assert spoken.means[0] > 0.6
    assert spoken.counts.tolist() == [MOST_TEXTS, 1]


def test_without_reviews_there_is_nothing():
    spoken = course_sentiments(reviews(), (0, 2))
    assert (spoken.read, spoken.english) == (0, 0)
