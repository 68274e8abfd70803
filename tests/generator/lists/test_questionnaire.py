"""Questions tell users apart: held against every choice there is, and against planted answers."""

from itertools import combinations

import numpy as np
import pytest

from generator.lists import questionnaire
from generator.lists.questionnaire import questions_of
from tests.datasets import make_dataset


def following(follows):
    """A dataset of users 0, 1, ... who follow these tags."""
    return make_dataset(
        interests=[(user, tag) for user, tags in enumerate(follows) for tag in tags]
    )


def bits_together(answers):
    """float: the joint entropy of columns of yes and no, counted row by row."""
    _, counts = np.unique(answers, axis=0, return_counts=True)
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


@pytest.fixture(scope="module")
def random_follows():
    random = np.random.default_rng(3)
    chances = np.linspace(0.05, 0.9, 8)
    answers = random.random((400, 8)) < chances
    answers[:, 5] = answers[:, 4] ^ (random.random(400) < 0.02)  # nearly the same question
    return answers[answers.any(axis=1)]


def test_what_is_asked_tells_nearly_as_much_as_any_other_choice_would(random_follows):
    dataset = following([[f"tag {t}" for t in np.flatnonzero(row)] for row in random_follows])
    questions = questions_of(dataset, 3)
    asked = [int(question.name.split()[1]) for question in questions]
    best = max(bits_together(random_follows[:, list(c)]) for c in combinations(range(8), 3))
    together = bits_together(random_follows[:, asked])
    assert together == pytest.approx(sum(question.bits for question in questions), abs=1e-3)
    assert together > 0.95 * best
    assert len({4, 5} & set(asked)) < 2, "the second of them tells nothing more"


def test_the_first_question_is_the_one_that_is_nearest_to_half(random_follows):
    dataset = following([[f"tag {t}" for t in np.flatnonzero(row)] for row in random_follows])
    (first,) = questions_of(dataset, 1)
    shares = random_follows.mean(axis=0)
    assert first.name == f"tag {np.abs(shares - 0.5).argmin()}"
    assert first.share == pytest.approx(shares[int(first.name[-1])], abs=1e-4)
    assert first.about == "tag"


def test_questions_end_where_answers_tell_nothing_more():
    dataset = following([["a", "b"]] * 20 + [["c"]] * 20)
    questions = questions_of(dataset, 12)
    assert [question.bits for question in questions] == [1.0]
    assert questions_of(dataset, 0) == []


def test_what_nearly_nobody_would_say_yes_to_is_not_asked(monkeypatch):
    dataset = following([["a"]] * 20 + [["b"]] * 15 + [["rare"]] * 9)
    assert {question.name for question in questions_of(dataset, 12)} == {"a", "b"}
    monkeypatch.setattr(questionnaire, "MOST_CANDIDATES", 1)
    assert {question.name for question in questions_of(dataset, 12)} == {"a"}


def test_where_nobody_follows_anything_tags_of_viewed_courses_are_asked_and_else_courses():
    views = [(user, f"course {user % 2}", 60.0, "") for user in range(40)]
    tags = [("course 0", "go"), ("course 1", "sql")]
    (tagged,) = questions_of(make_dataset(views=views, course_tags=tags), 12)
    assert (tagged.about, tagged.name, tagged.share) == ("tag", "go", 0.5)
    (viewed,) = questions_of(make_dataset(views=views), 12)
    assert (viewed.about, viewed.name) == ("course", "course 0")


def test_without_data_nothing_is_asked():
    assert questions_of(make_dataset(users=[1], courses=["c"]), 12) == []
