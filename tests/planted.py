"""Data with an answer that everybody can see: users in tribes.

Each tribe follows its own tags, watches its own courses, in its own order, and all of its courses
have its own level, words and attributes, as its members have theirs. A right model lists members
of the user's tribe, and courses of the tribe.
"""

from dataclasses import dataclass

import numpy as np

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from tests.datasets import table
from tests.pictures import picture_of

TRIBES = 3
USERS_PER_TRIBE = 16
COURSES_PER_TRIBE = 14
TAGS_PER_TRIBE = 8
FOLLOWS = 5
VIEWS = 6
IDLE_USER = 999
IDLE_COURSE = "course-unwatched"


@dataclass(frozen=True)
class Planted:
    dataset: Dataset
    tribe_of_user: np.ndarray
    tribe_of_course: np.ndarray


def plant_tribes(seed: int = 7) -> Planted:
    """The last user only exists, and the last course is only in the catalogue."""
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
    tribe_of_user[IDLE_USER] = tribe_of_course[IDLE_COURSE] = -1
    tables = {
        "user_interests": ("user_handle interest_tag", interests),
        "course_tags": ("course_id course_tags", course_tags),
        "user_course_views": (
            "user_handle course_id view_time_seconds level view_date completed",
            _dated(views, seed),
        ),
        "courses": (
            "course_id title description image_path duration language",
            _catalogue(tribe_of_course, seed),
        ),
        "users": ("user_handle department skills years", _people(tribe_of_user, seed)),
        "user_assessment_scores": (
            "user_handle assessment_tag user_assessment_score",
            [(user, tag, 100.0 + 10 * tribe_of_user[user]) for user, tag in interests],
        ),
        "course_completions": (
            "user_handle course_id",
            [(user, course) for user, course, seconds, _ in views if seconds > 4000],
        ),
        "course_prerequisites": (
            "course_id prerequisite_id",
            [(f"course-{tribe}-01", f"course-{tribe}-00") for tribe in range(TRIBES)],
        ),
        "course_reviews": (
            "user_handle course_id rating review_text",
            # From 2 to 4 stars: every view is evidence, and some are more than others.
            [(user, course, 2 + seconds // 2500, "") for user, course, seconds, _ in views[::2]],
        ),
    }
    dataset = build_dataset({name: table(name, *cells) for name, cells in tables.items()})
    return Planted(
        dataset,
        np.array([tribe_of_user[user] for user in dataset.users.handles()]),
        np.array([tribe_of_course[course] for course in dataset.courses.handles()]),
    )


def place_in_order(course: str) -> int:
    """When members of its tribe take a course: forwards in one tribe, from elsewhere in others."""
    _, tribe, number = course.split("-")
    return (int(number) * (1, 3, 5)[int(tribe) % 3] + int(tribe)) % COURSES_PER_TRIBE


def _dated(views: list[tuple], seed: int) -> list[tuple]:
    """A view a day, in the order of the user's tribe, whatever the order of the rows."""
    random = np.random.default_rng([seed, 1])
    joined = {user: np.datetime64("2026-01-01") + random.integers(100) for user, *_ in views}
    return [(*view, str(joined[view[0]] + place_in_order(view[1])), None) for view in views]


def _catalogue(tribe_of_course: dict[str, int], seed: int) -> list[tuple]:
    random = np.random.default_rng([seed, 2])
    rows = []
    for course, tribe in tribe_of_course.items():
        if tribe < 0:
            rows.append((course, None, None, None, None, None))
            continue
        words = [f"word{tribe}{letter}" for letter in "abcdefgh"]
        text = " ".join(random.choice(words, 6))
        title = " ".join(random.choice(words, 2, replace=False))
        minutes = str(int(random.integers(10, 20) + 100 * tribe))
        rows.append(
            (
                course,
                title,
                text,
                picture_of(f"tribe {tribe}", len(rows)),
                minutes,
                f"language-{tribe}",
            )
        )
    return rows


def _people(tribe_of_user: dict[int, int], seed: int) -> list[tuple]:
    random = np.random.default_rng([seed, 3])
    rows = []
    for user, tribe in tribe_of_user.items():
        if tribe < 0:
            rows.append((user, None, None, None))
            continue
        skills = random.choice([f"skill-{tribe}-{i}" for i in range(6)], 3, replace=False)
        years = str(int(random.integers(0, 5) + 10 * tribe))
        rows.append((user, f"department-{tribe}", "|".join(skills), years))
    return rows
