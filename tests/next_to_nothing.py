"""Views of next to nobody and next to nothing, and what models of factors may list of them."""

import numpy as np
import pytest

ONE_EACH = [(user, "ab"[user % 2], 600.0, "") for user in range(8)]
TWO_COURSES = [(user, course, 600.0, "") for user in range(8) for course in "ab"]

of_little = pytest.mark.parametrize(
    "views", [ONE_EACH, TWO_COURSES], ids=["one course each", "two courses"]
)


def assert_lists_have_no_noise(model, views):
    top = model.recommend(range(8), 3)
    assert np.isfinite(top.scores).all()
    unseen = 0 if views is TWO_COURSES else 1
    assert ((top.indices >= 0).sum(axis=1) <= unseen).all()


def views_of_twenty_thousand_courses(users):
    random = np.random.default_rng(5)
    return [
        (user, int(course), 600.0, "")
        for user in range(users)
        for course in random.choice(20_000, 10, replace=False)
    ]
