"""Data with an answer that everybody can see: users in tribes.

Each tribe follows its own tags, watches its own courses, and all of its courses have its own level.
A right model lists members of the user's tribe, and courses of the tribe.
"""

from dataclasses import dataclass

import numpy as np

from generator.dataset.dataset import Dataset
from tests.datasets import make_dataset

TRIBES = 3
USERS_PER_TRIBE = 16
COURSES_PER_TRIBE = 14
TAGS_PER_TRIBE = 8
FOLLOWS = 5
VIEWS = 6


@dataclass(frozen=True)
class Planted:
    dataset: Dataset
    tribe_of_user: np.ndarray
    tribe_of_course: np.ndarray


def plant_tribes(seed: int = 7) -> Planted:
    """The last user follows and views nothing, and the last course is in no table but the tags."""
    random = np.random.default_rng(seed)
    interests, views, course_tags = [], [], []
    tribe_of_user, tribe_of_course = {}, {}
    for tribe in range(TRIBES):
        tags = [f"tag-{tribe}-{i}" for i in range(TAGS_PER_TRIBE)]
        courses = [f"course-{tribe}-{i:02}" for i in range(COURSES_PER_TRIBE)]
        for course in courses:
            tribe_of_course[course] = tribe
            course_tags += [(course, tag) for tag in random.choice(tags, 3, replace=False)]
        for member in range(USERS_PER_TRIBE):
            user = 100 + member * TRIBES + tribe
            tribe_of_user[user] = tribe
            interests += [(user, tag) for tag in random.choice(tags, FOLLOWS, replace=False)]
            views += [
                (user, course, float(random.integers(300, 7200)), f"level-{tribe}")
                for course in random.choice(courses, VIEWS, replace=False)
            ]
    idle_user, idle_course = 999, "course-unwatched"
    tribe_of_user[idle_user] = tribe_of_course[idle_course] = -1
    dataset = make_dataset(interests, views, course_tags, users=[idle_user], courses=[idle_course])
    return Planted(
        dataset,
        np.array([tribe_of_user[user] for user in dataset.users.handles()]),
        np.array([tribe_of_course[course] for course in dataset.courses.handles()]),
    )
