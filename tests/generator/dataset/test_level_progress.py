"""Levels in the order in which users take them, and steps to the next, against plain loops."""

import numpy as np
import pytest

from generator.dataset.level_progress import LevelProgress, level_heights
from tests.datasets import make_dataset

LEVELS = ("Einstieg", "Aufbau", "Profi")
TAGS = "xyz"


def level_of(course):
    return int(course[1:]) % 3


@pytest.fixture(scope="module")
def data():
    """Everybody goes from level to level; what they complete, and in which tags, is by lot."""
    random = np.random.default_rng(4)
    courses = [f"c{number:02}" for number in range(30)]
    views, completions = [], []
    for user in range(40):
        mine = sorted(random.choice(courses, 6, replace=False), key=level_of)
        views += [(user, course, 60.0, LEVELS[level_of(course)]) for course in mine]
        completions += [(user, course) for course in mine if random.random() < 0.6]
    tags = [(c, tag) for c in courses for tag in random.choice(list(TAGS), 2, replace=False)]
    return make_dataset(
        views=views, course_tags=tags, completions=completions, courses=["unknown"], users=[99]
    )


def test_heights_are_in_the_order_in_which_users_take_levels(data):
    heights = level_heights(data)
    names = data.courses.handles()
    of_level = [
        {heights[names.index(c)] for c in names if c != "unknown" and level_of(c) == level}
        for level in range(3)
    ]
    assert [len(of) for of in of_level] == [1, 1, 1]
    assert max(of_level[0]) < max(of_level[1]) < max(of_level[2])
    assert np.isnan(heights[names.index("unknown")])


def test_a_step_leads_from_the_highest_level_that_was_completed_in_a_common_tag(data):
    progress = LevelProgress.by_heights(data, level_heights(data))
    names, tags = data.courses.handles(), data.course_tags.toarray() > 0
    completed = data.completions.toarray()
    users = np.arange(len(data.users), dtype=np.int32)
    every = np.append(np.arange(len(names)), -1).astype(np.int32)
    found = progress.steps(users, np.tile(every, (len(users), 1)))
    assert np.isnan(found[:, -1]).all()
    for user in users:
        for course, name in enumerate(names):
            common = [
                level_of(names[other])
                for other in np.flatnonzero(completed[user])
                if (tags[other] & tags[course]).any()
            ]
            if not common or name == "unknown":
                assert np.isnan(found[user, course])
            else:
                assert found[user, course] == level_of(name) - max(common) - 1
    assert set(found[~np.isnan(found)]) == {-3, -2, -1, 0, 1}


def test_whoever_is_asked_about_together_changes_nothing(data):
    progress = LevelProgress.by_heights(data, level_heights(data))
    users, courses = np.array([3, 9, 3], np.int32), np.array([[1, 5], [2, -1], [5, 1]], np.int32)
    together = progress.steps(users, courses)
    for place in range(3):
        alone = progress.steps(users[[place]], courses[[place]])
        np.testing.assert_array_equal(together[place], alone[0])


def test_without_levels_there_is_no_step():
    data = make_dataset(views=[(1, "a", 60.0, "")], course_tags=[("a", "x")])
    progress = LevelProgress.by_heights(data, level_heights(data))
    assert np.isnan(progress.steps(np.array([0], np.int32), np.array([[0]], np.int32))).all()
