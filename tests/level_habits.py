"""Learners with a habit of levels: what the level model has to find, and nothing else in sight."""

from dataclasses import dataclass

import numpy as np

from generator.dataset.dataset import Dataset
from tests.datasets import make_dataset

LEVELS = ("Beginner", "Advanced")
TOPICS = 2
SHARES_OF_BEGINNER = (0.85, 0.5, 0.15)
USERS_PER_HABIT = 40
COURSES_PER_LEVEL = 60
VIEWS = 10
HOUR = 3600.0


@dataclass(frozen=True)
class Habits:
    dataset: Dataset
    share_of_user: np.ndarray
    """float [users]: share of beginner courses among the user's views."""
    topic_of_user: np.ndarray

    def pairs(self, *, same_topic: bool) -> np.ndarray:
        """bool [users, users]: pairs that have no course in common."""
        seen = self.dataset.seen.toarray().astype(int)
        same = self.topic_of_user[:, None] == self.topic_of_user
        return (seen @ seen.T == 0) & (same == same_topic)


def learners_with_habits(*, tags_tell_the_level: bool = False, shuffled: bool = False) -> Habits:
    """Users of each topic keep to a share of beginner courses; within a level they pick at random.

    shuffled: every view gets some other view's level, so that there is nothing to learn.
    """
    random = np.random.default_rng(3)
    courses = {
        (topic, level): [f"course-{topic}-{level}-{i:02}" for i in range(COURSES_PER_LEVEL)]
        for topic in range(TOPICS)
        for level in LEVELS
    }
    course_tags = [
        (course, tag)
        for (topic, level), members in courses.items()
        for course in members
        for tag in [
            *(f"tag-{topic}-{i}" for i in random.choice(12, 3, replace=False)),
            *([f"for-{level}"] if tags_tell_the_level else []),
        ]
    ]
    habits = [
        (topic, share)
        for topic in range(TOPICS)
        for share in SHARES_OF_BEGINNER
        for _ in range(USERS_PER_HABIT)
    ]
    views = []
    for user, (topic, share) in enumerate(habits):
        n_beginner = round(VIEWS * share)
        for level, n in zip(LEVELS, (n_beginner, VIEWS - n_beginner), strict=True):
            picked = random.choice(courses[topic, level], n, replace=False)
            views += [(user, course, HOUR, level) for course in picked]
    if shuffled:
        levels = random.permutation([level for *_, level in views])
        views = [(*view[:3], str(level)) for view, level in zip(views, levels, strict=True)]
    return Habits(
        make_dataset(views=views, course_tags=course_tags),
        np.array([share for _, share in habits]),
        np.array([topic for topic, _ in habits]),
    )


def courses_of_random_level() -> Dataset:
    """Each course has a level by chance and two tags that no other has both; users pick blindly."""
    random = np.random.default_rng(5)
    courses = [(a, b) for a in range(30) for b in range(a)]
    level_of = {course: LEVELS[random.random() < 0.4] for course in courses}
    views = [
        (user, f"course-{a:02}-{b:02}", HOUR, level_of[a, b])
        for user in range(240)
        for a, b in random.choice(courses, VIEWS, replace=False)
    ]
    tags = [(f"course-{a:02}-{b:02}", f"tag-{tag}") for a, b in courses for tag in (a, b)]
    return make_dataset(views=views, course_tags=tags)
