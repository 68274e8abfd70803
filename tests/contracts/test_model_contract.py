"""What every registered model keeps, whatever it is made of."""

from dataclasses import fields

import numpy as np
import pytest

from generator.models.base import Model, RunOptions
from generator.models.registry import MODELS, model_class
from shared.errors import ModelError, SettingsError
from tests.datasets import make_dataset
from tests.planted import Planted, plant_tribes

N = 8
SHARE_OF_TRIBE = 0.9

pytestmark = pytest.mark.xdist_group("models")


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant_tribes()


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, planted: Planted) -> Model:
    return model_class(request.param)().fit(planted.dataset, RunOptions(seed=1))


def served(model: Model):
    rankings = {"similar_users": model.similar_users, "recommendations": model.recommend}
    return [rankings[task] for task in model.serves]


def needs_task(model: Model, task: str) -> None:
    """A model without the task refuses it in words; its test ends there."""
    if task not in model.serves:
        rank = {"similar_users": model.similar_users, "recommendations": model.recommend}[task]
        with pytest.raises(ModelError, match=f"{model.handle} serves .*, not {task}"):
            rank([0], N)
        pytest.skip(f"{model.handle} serves no {task}")


def everybody(planted: Planted) -> np.ndarray:
    return np.arange(len(planted.dataset.users))


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_is_named_after_its_file_and_explains_itself(handle: str) -> None:
    found = model_class(handle)
    assert found.handle == handle
    assert found.__module__ == f"generator.models.{handle}"
    assert found.title
    assert found.needs
    assert "Score" in found.__doc__
    assert "Cost" in found.__doc__
    assert all(option.metadata.get("help") for option in fields(found.Config))


def test_shapes_types_and_padding(model: Model, planted: Planted) -> None:
    for rank in served(model):
        top = rank(everybody(planted), N)
        assert top.indices.shape == top.scores.shape == (len(planted.dataset.users), N)
        assert top.indices.dtype == np.int32
        assert top.scores.dtype == np.float32
        padding = top.indices == -1
        assert (top.scores[padding] == 0).all()
        assert (np.diff(padding.astype(int), axis=1) >= 0).all(), "padding comes last"
        assert np.isfinite(top.scores).all()


def test_best_first_and_ties_by_lower_index(model: Model, planted: Planted) -> None:
    for rank in served(model):
        for indices, scores in zip(*rank(everybody(planted), N), strict=True):
            listed = [(-s, i) for i, s in zip(indices, scores, strict=True) if i >= 0]
            assert listed == sorted(listed)


def test_nothing_is_listed_twice(model: Model, planted: Planted) -> None:
    for rank in served(model):
        for indices in rank(everybody(planted), N).indices:
            listed = indices[indices >= 0]
            assert len(set(listed)) == len(listed)


def test_a_user_is_never_similar_to_themselves(model: Model, planted: Planted) -> None:
    needs_task(model, "similar_users")
    users = everybody(planted)
    assert not (model.similar_users(users, len(users)).indices == users[:, None]).any()


def test_a_seen_course_is_never_recommended(model: Model, planted: Planted) -> None:
    needs_task(model, "recommendations")
    seen = planted.dataset.seen.toarray()
    for user, courses in enumerate(model.recommend(everybody(planted), seen.shape[1]).indices):
        assert not seen[user, courses[courses >= 0]].any()


def test_similar_users_are_of_the_same_tribe(model: Model, planted: Planted) -> None:
    needs_task(model, "similar_users")
    known = model.known_users()
    listed = model.similar_users(known, N).indices
    same = planted.tribe_of_user[listed] == planted.tribe_of_user[known][:, None]
    assert same[listed >= 0].mean() >= SHARE_OF_TRIBE


def test_recommended_courses_are_of_the_users_tribe(model: Model, planted: Planted) -> None:
    needs_task(model, "recommendations")
    known = model.known_users()
    listed = model.recommend(known, 4).indices
    same = planted.tribe_of_course[listed] == planted.tribe_of_user[known][:, None]
    assert same[listed >= 0].mean() >= SHARE_OF_TRIBE


def test_known_users_get_lists_and_unknown_ones_padding(model: Model, planted: Planted) -> None:
    idle = len(planted.dataset.users) - 1
    assert list(model.known_users()) == list(range(idle))
    outside = [idle, -1, idle + 1, 2**31]
    for rank in served(model):
        assert (rank(model.known_users(), N).indices[:, 0] >= 0).all()
        assert (rank(outside, N).indices == -1).all()
        assert (rank(outside, N).scores == 0).all()
        assert rank([], N).indices.shape == (0, N)


def test_more_than_there_is_gets_padding(model: Model, planted: Planted) -> None:
    many = len(planted.dataset.users) + len(planted.dataset.courses) + 5
    for rank in served(model):
        top = rank([0], many)
        assert top.indices.shape == (1, many)
        assert top.indices[0, -1] == -1


def test_a_block_of_users_gets_what_each_gets_alone(model: Model, planted: Planted) -> None:
    users = everybody(planted)
    for rank in served(model):
        together = rank(users, N)
        alone = np.vstack([rank([user], N).scores for user in users])
        np.testing.assert_allclose(together.scores, alone, atol=2e-6)


def test_same_seed_same_lists(model: Model, planted: Planted) -> None:
    again = type(model)().fit(planted.dataset, RunOptions(seed=1))
    for first, second in zip(served(model), served(again), strict=True):
        one, other = first(everybody(planted), N), second(everybody(planted), N)
        np.testing.assert_array_equal(one.indices, other.indices)
        np.testing.assert_array_equal(one.scores, other.scores)


def test_a_small_memory_budget_changes_no_list(model: Model, planted: Planted) -> None:
    users = everybody(planted)
    expected = [rank(users, N) for rank in served(model)]
    ample, model.run = model.run, RunOptions(seed=1, memory_budget_bytes=4096)
    try:
        for rank, top in zip(served(model), expected, strict=True):
            np.testing.assert_array_equal(rank(users, N).indices, top.indices)
    finally:
        model.run = ample


def supported(planted: Planted, kind: str) -> np.ndarray:
    """bool [users, listed, what may speak for it]: every pair that the kind's name allows."""
    watched = planted.dataset.view_seconds.toarray() > 0
    if kind == "shared_courses":
        return watched[:, None] & watched[None]
    if kind == "watched_courses":
        return np.repeat(watched[:, None], watched.shape[1], axis=1)
    assert kind == "neighbours"
    others = ~np.eye(len(watched), dtype=bool)
    return others[:, None] & watched.T[None]


def explained(model: Model, task: str, planted: Planted):
    users = everybody(planted)
    if task == "similar_users":
        listed = model.similar_users(users, N).indices
        return users, listed, model.similar_user_reasons(users, listed)
    listed = model.recommend(users, N).indices
    return users, listed, model.course_reasons(users, listed)


def test_reasons_name_what_is_there(model: Model, planted: Planted) -> None:
    data = planted.dataset
    for task, kind in model.reason_kinds.items():
        users, listed, reasons = explained(model, task, planted)
        if kind == "shared_tags":
            ours = data.interests.toarray() > 0
            theirs = ours if task == "similar_users" else data.course_tags.toarray() > 0
            allowed = ours[:, None] & theirs[None]
        else:
            allowed = supported(planted, kind)
        of_pair = allowed[users[:, None], listed]
        assert reasons.counts[listed >= 0].any()
        assert not reasons.counts[listed < 0].any()
        assert (reasons.counts <= of_pair.sum(axis=2)).all()
        if kind.startswith("shared"):
            np.testing.assert_array_equal(reasons.counts, of_pair.sum(axis=2) * (listed >= 0))
        row, entry, place = np.nonzero(reasons.indices >= 0)
        assert of_pair[row, entry, reasons.indices[row, entry, place]].all()


def test_the_shares_of_reasons_fall_and_add_up(model: Model, planted: Planted) -> None:
    for task in model.reason_kinds:
        _, _, reasons = explained(model, task, planted)
        assert ((reasons.indices >= 0).sum(axis=2) == np.minimum(reasons.counts, 3)).all()
        assert (np.diff(reasons.shares, axis=2) <= 1e-6).all()
        few = (reasons.counts > 0) & (reasons.counts <= 3)
        np.testing.assert_allclose(reasons.shares.sum(axis=2)[few], 1, atol=1e-5)
        assert (reasons.shares.sum(axis=2) <= 1 + 1e-5).all()


def test_reasons_of_a_block_are_those_of_each_alone(model: Model, planted: Planted) -> None:
    for task in model.reason_kinds:
        users, listed, together = explained(model, task, planted)
        explain = model.similar_user_reasons
        explain = explain if task == "similar_users" else model.course_reasons
        for user in users[:5]:
            alone = explain([user], listed[[user]])
            np.testing.assert_array_equal(alone.indices[0], together.indices[user])


def test_a_list_without_a_kind_of_reason_is_not_explained(model: Model) -> None:
    model_class(model.handle).reason_kinds, kinds = {}, model.reason_kinds
    try:
        with pytest.raises(ModelError, match="has no reasons for its similar users"):
            model.similar_user_reasons([0], [[1]])
    finally:
        model_class(model.handle).reason_kinds = kinds


def test_an_empty_list_is_not_asked_for(model: Model) -> None:
    for rank in served(model):
        with pytest.raises(ValueError, match=r"n must be at least 1\. Received: n = 0"):
            rank([0], 0)


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_without_its_input_says_what_it_needs(handle: str) -> None:
    nothing = make_dataset(users=[1, 2], courses=["a"])
    assert model_class(handle).missing_inputs(nothing) == list(model_class(handle).needs)
    with pytest.raises(ModelError, match=f"{handle} needs"):
        model_class(handle)().fit(nothing)


@pytest.mark.parametrize("handle", MODELS)
def test_an_unknown_option_is_refused_with_the_known_ones(handle: str) -> None:
    with pytest.raises(SettingsError, match="no_such_option"):
        model_class(handle)(no_such_option=1)


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
    )
    model = model_class(handle)().fit(tiny, RunOptions(seed=1))
    for rank in served(model):
        assert rank([0, 1, 2], 5).indices.shape == (3, 5)
