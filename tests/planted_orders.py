"""Orders with an answer that can be dialled: a ring of courses, each followed by the next.

What models of sequences find in it must follow the dial, and be gone where orders are shuffled.
"""

from collections.abc import Callable

import numpy as np

from generator.dataset.build import build_dataset
from generator.models.base import Model
from generator.models.run_options import RunOptions
from tests.datasets import table

COURSES = 20


def views_of(orders, seconds=600.0):
    """A view a day; `orders`: user -> names of courses."""
    start = np.datetime64("2026-01-01")
    return [
        (user, course, seconds, "", str(start + day))
        for user, courses in orders.items()
        for day, course in enumerate(courses)
    ]


def dated(views):
    columns = "user_handle course_id view_time_seconds level view_date"
    return build_dataset({"user_course_views": table("user_course_views", columns, views)})


def chain(predictability, users=300, seed=3):
    """Courses in a ring: the next one follows with this probability, else any other does."""
    random = np.random.default_rng(seed)
    orders = {}
    for user in range(users):
        taken = [int(random.integers(COURSES))]
        while len(taken) < 8:
            following, other = (taken[-1] + 1) % COURSES, int(random.integers(COURSES))
            step = following if random.random() < predictability else other
            if step not in taken:
                taken.append(step)
            elif following in taken:
                break
        orders[user] = [f"c{course:02}" for course in taken]
    return orders


def share_of_next_courses_found(made: Callable[[], Model], orders, n=2, shuffled=False):
    """Among the first `n` listed, for users whose last course was held back.

    Shuffled: what was held back still follows, but nobody can see on what.
    """
    random, longer = np.random.default_rng(1), {u: c for u, c in orders.items() if len(c) > 2}
    before = {
        u: list(random.permutation(c[:-1])) if shuffled else c[:-1] for u, c in longer.items()
    }
    model = made().fit(dated(views_of(before)), RunOptions(seed=1))
    users = model.dataset.users.index_of(list(longer))
    held_out = model.dataset.courses.index_of([courses[-1] for courses in longer.values()])
    return float((model.recommend(users, n).indices == held_out[:, None]).any(axis=1).mean())
