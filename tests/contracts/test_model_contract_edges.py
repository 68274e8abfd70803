"""Every registered model on data with next to nothing in it: no traceback, and no noise."""

import numpy as np
import pytest

from generator.models.base import Model
from generator.models.registry import MODELS, model_class
from generator.models.run_options import RunOptions
from shared.kinds import KINDS
from tests.datasets import make_dataset
from tests.quick_models import quick_model

N = 5


def fitted(handle: str, dataset) -> Model:
    return quick_model(handle).fit(dataset, RunOptions(seed=1))


def lists(model: Model) -> dict:
    """Kind -> top N of every subject."""
    subjects = {"user": len(model.dataset.users), "course": len(model.dataset.courses)}
    return {
        kind: model.top_n(kind, range(subjects[KINDS[kind].subject]), N) for kind in model.serves
    }


@pytest.mark.parametrize("handle", MODELS)
def test_three_users_are_enough(handle: str) -> None:
    tiny = make_dataset(
        interests=[(1, "python"), (2, "python"), (3, "sewing")],
        views=[
            (1, "a", 600.0, "Beginner"),
            (2, "a", 600.0, "Beginner"),
            (2, "b", 900.0, "Advanced"),
            (3, "c", 60.0, "Advanced"),
        ],
        course_tags=[("a", "python"), ("b", "python"), ("c", "sewing")],
        completions=[(2, "b")],
    )
    for top in lists(fitted(handle, tiny)).values():
        assert top.indices.shape == (3, N)


@pytest.mark.parametrize("handle", MODELS)
def test_views_of_no_length_are_seen_and_no_evidence(handle: str) -> None:
    opened = make_dataset(
        interests=[(user, "python") for user in range(6)],
        views=[(u, c, 0.0, "AB"[u % 2]) for u in range(6) for c in "abc" if c != "abc"[u % 3]],
        course_tags=[(course, "python") for course in "abc"],
        completions=[(0, "b")],
    )
    model = fitted(handle, opened)
    of_views = {"views", "interactions"} & set(model.needs)
    from_views_alone = of_views and model.is_personal and not model.uses
    votes_by_views = "assessments" in model.needs
    for kind, top in lists(model).items():
        if from_views_alone or (kind == "recommendations" and votes_by_views):
            assert (top.indices == -1).all()
        elif kind == "recommendations" and (model.known_users().size or "interests" in model.needs):
            assert top.indices[:, 0].tolist() == [0, 1, 2] * 2
    if from_views_alone:
        assert not len(model.known_users())
        assert not len(model.known_courses())


@pytest.mark.parametrize("handle", MODELS)
def test_one_user_or_one_course_is_data_like_any_other(handle: str) -> None:
    alone = make_dataset(
        interests=[(1, "python")],
        views=[(1, "a", 600.0, "A"), (1, "b", 600.0, "B")],
        course_tags=[("a", "python")],
    )
    single = make_dataset(
        interests=[(1, "python"), (2, "python")],
        views=[(1, "a", 600.0, "A"), (2, "a", 600.0, "B")],
        course_tags=[("a", "python")],
    )
    for dataset in (alone, single):
        model_type = model_class(handle)
        if model_type.missing_inputs(dataset):
            continue
        for top in lists(fitted(handle, dataset)).values():
            assert np.isfinite(top.scores).all()


@pytest.mark.parametrize("handle", MODELS)
def test_equal_users_have_the_same_lists_but_for_each_other(handle: str) -> None:
    tribes = [(u, u % 2) for u in range(20)]
    data = make_dataset(
        interests=[(u, f"tag {u % 2}") for u in range(24)],
        views=[(u, f"c{tribe}{i}", 600.0, "AB"[tribe]) for u, tribe in tribes for i in range(3)]
        + [(u, f"c{u % 2}{i}", 600.0, "AB"[u % 2]) for u in range(20, 24) for i in range(4)],
        course_tags=[(f"c{tribe}{i}", f"tag {tribe}") for tribe in (0, 1) for i in range(4)],
        completions=[(u, f"c{tribe}0") for u, tribe in tribes],
    )
    model = fitted(handle, data)
    if "recommendations" in model.serves:
        first = model.recommend(range(20), 1)
        assert np.ptp(first.indices[0::2]) == np.ptp(first.indices[1::2]) == 0
        assert (np.ptp(first.scores.reshape(10, 2), axis=0) < 0.02 * first.scores.max()).all()
    if "similar_users" in model.serves:
        nearest = model.similar_users(range(20), 9)
        assert (nearest.indices % 2 == np.arange(20)[:, None] % 2).all()
        # Of ranks alone no two are equal.
        assert model.uses or np.ptp(nearest.scores) < 0.02 * nearest.scores.max()


def with_islands():
    """Two crowds that share nothing, a pair, and two users who share no course with anybody."""
    random = np.random.default_rng(3)
    views = [
        (100 * crowd + user, f"crowd {crowd} course {course:02}", 1800.0, "AB"[course % 2])
        for crowd in (1, 2)
        for user in range(30)
        for course in random.choice(12, 5, replace=False)
    ]
    views += [(user, "only of the pair", 1800.0, "A") for user in (900, 901)]
    views += [(900, "of one of the pair", 1800.0, "A")]
    views += [(user, f"only of {user}", 1800.0, "B") for user in (990, 991)]
    island = {"crowd 1": 1, "crowd 2": 2, "only of": 0, "of one ": 3}
    data = make_dataset(views=views, interests=[(100, "python"), (101, "python")])
    users = np.array([min(u // 100, 3) if u < 990 else 0 for u in data.users.handles()])
    courses = np.array([island[c[:7]] for c in data.courses.handles()])
    courses[data.courses.handles().index("only of the pair")] = 3
    return data, {"user": users, "course": courses}


@pytest.mark.parametrize(
    "handle",
    [
        handle
        for handle, found in zip(MODELS, map(model_class, MODELS), strict=True)
        if found.is_personal and found.needs == ("views",) and not found.uses
    ],
)
def test_what_no_chain_of_views_connects_is_never_listed(handle: str) -> None:
    data, island = with_islands()
    for seed in (1, 2):
        model = model_class(handle)().fit(data, RunOptions(seed=seed))
        for kind in model.serves:
            theirs, ours = island[KINDS[kind].entry], island[KINDS[kind].subject]
            top = model.top_n(kind, range(len(ours)), 40)
            across = theirs[top.indices] != ours[:, None]
            assert not across[top.indices >= 0].any()
            assert (top.indices[ours == 0] == -1).all(), "who is alone has no list"
        assert not set(model.known_users()) & set(np.flatnonzero(island["user"] == 0))
