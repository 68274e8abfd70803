"""Random views as a dictionary, as a dataset, and as the dense weights that models learn from."""

import numpy as np

from generator.dataset.dataset import Dataset
from tests.datasets import make_dataset


def random_views(users: int, courses: int, seed: int = 2) -> dict:
    """User -> course -> seconds; every course has a viewer, and nobody is alone."""
    random = np.random.default_rng(seed)
    views = {
        user: {
            f"c{course:02}": float(random.lognormal(6, 1.5))
            for course in random.choice(courses, random.integers(2, 8), replace=False)
        }
        for user in range(users)
    }
    for course in range(courses):
        views[course % users].setdefault(f"c{course:02}", 600.0)
    return views


def as_dataset(views: dict) -> Dataset:
    return make_dataset(views=[(u, c, t, "") for u, cs in views.items() for c, t in cs.items()])


def dense_weights(views: dict, data: Dataset) -> np.ndarray:
    """float64 [users, courses]: ``ln(1 + minutes)`` over its mean over all views."""
    weights = np.zeros((len(data.users), len(data.courses)))
    places = {course: place for place, course in enumerate(data.courses.handles())}
    for row, user in enumerate(data.users.handles()):
        for course, seconds in views[user].items():
            weights[row, places[course]] = np.log1p(seconds / 60)
    return weights / weights[weights > 0].mean()
