from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from generator.dataset.build import build_dataset
from generator.reranking.caps import Caps, labels_of
from generator.reranking.rule import Given
from shared.errors import SettingsError
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset, table
from tests.generator.reranking.ranks import courses_named, listed_by

COURSES = 300


def caps_of(text, dataset):
    settings = GeneratorSettings(_env_file=None, list_caps=text)
    return Caps.of(Given(settings, dataset))


def test_no_list_has_more_of_a_label_than_its_cap_and_lists_stay_full():
    """Of 300 courses the best 150 all have one tag: the pool has to be looked for deeper."""
    random = np.random.default_rng(3)
    labels = random.random((COURSES, 9)) < 0.15
    labels[:150, 0] = True
    scores = random.random((50, COURSES)) + 0.01
    scores[:, :150] += 1
    rule = Caps({"tag": 2}, {"tag": csr_matrix(labels)})
    listed = listed_by([rule], courses_named(COURSES), scores, 10)
    assert (listed >= 0).all()
    for row in listed:
        assert labels[row].sum(axis=0).max() <= 2
        assert len(set(row)) == 10
    greedy = [by_hand(np.argsort(-of_user), labels, 2, 10) for of_user in scores]
    assert listed.tolist() == greedy


def by_hand(ranked, labels, most, n):
    counts, taken = Counter(), []
    for course in ranked.tolist():
        own = np.flatnonzero(labels[course]).tolist()
        if len(taken) < n and all(counts[label] < most for label in own):
            counts.update(own)
            taken.append(course)
    return taken


def test_a_list_is_short_rather_than_over_its_cap():
    labels = csr_matrix(np.ones((5, 1)))
    listed = listed_by([Caps({"tag": 2}, {"tag": labels})], courses_named(5), np.ones((1, 5)), 4)
    assert listed.tolist() == [[0, 1, -1, -1]]


def catalogue():
    columns = "course_id author year language"
    rows = [("a", "ann", 2020, "en|fr"), ("b", "ben", 2020, "fr"), ("c", "ann", 2021, "")]
    views = [(1, "a", 60.0, "easy"), (2, "a", 60.0, "hard"), (3, "a", 60.0, "hard")]
    return build_dataset(
        {
            "courses": table("courses", columns, rows),
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
        }
    )


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("author", [("a", "c")]),
        ("Year", [("a", "b")]),
        ("language", [("a", "b")]),
        ("level", []),
        ("tag", []),
    ],
)
def test_labels_are_those_of_tags_levels_and_columns(name, same):
    labels = labels_of(name, catalogue()).astype(int)
    shared = (labels @ labels.T).toarray()
    pairs = [("abc"[one], "abc"[two]) for one in range(3) for two in range(one) if shared[one, two]]
    assert sorted(tuple(sorted(pair)) for pair in pairs) == same


def test_without_such_a_column_the_author_is_the_last_that_views_name():
    views = [(1, "a", 60.0, "x"), (2, "b", 60.0, "y"), (3, "b", 60.0, "x"), (4, "c", 60.0, "")]
    columns = "user_handle course_id view_time_seconds author_handle"
    data = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    labels = labels_of("author", data).toarray()
    assert labels.sum(axis=1).tolist() == [1, 1, 0]
    assert (labels[0] == labels[1]).all()


def test_the_level_of_a_course_is_the_one_it_is_viewed_at_most():
    data = catalogue()
    assert data.levels.handles(labels_of("level", data)[0].indices) == ["hard"]


def test_where_nothing_has_a_level_no_course_is_of_one():
    views = [(1, "a", 60.0, ""), (2, "b", 60.0, "")]
    columns = "user_handle course_id view_time_seconds level"
    data = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    assert labels_of("level", data).shape == (2, 0)


def test_a_column_that_courses_do_not_have_is_refused_by_name():
    with pytest.raises(SettingsError, match=r"LIST_CAPS names teacher.*author, year, language"):
        caps_of("teacher=2", catalogue())


def test_it_says_what_it_does():
    assert caps_of("tag=3,author=2", catalogue()).said == "at most 3 of one tag, 2 of one author"


def test_without_the_setting_there_is_no_rule():
    assert caps_of("", make_dataset()) is None
