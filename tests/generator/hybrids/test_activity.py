"""Bins of how much is known of a user, and weights that go one way from bin to bin."""

import numpy as np
import pytest

from generator.hybrids.activity import BINS, bin_of, growing, is_collaborative, shrunk
from generator.models.registry import MODELS, model_class
from tests.datasets import make_dataset

GROWS = np.array([True, False, True, False])


def weights_by_lot(seed: int) -> np.ndarray:
    weights = np.random.default_rng(seed).random((len(BINS), len(GROWS))).astype(np.float32)
    return weights / weights.sum(axis=1, keepdims=True)


def test_a_users_bin_follows_from_the_courses_they_viewed():
    viewed = [1, 2, 3, 5, 6, 20, 21]
    views = [(user, f"c{c:02}", 60.0, "") for user, n in enumerate(viewed) for c in range(n)]
    dataset = make_dataset(views=views, users=[99])
    everybody = dataset.users.index_of([*range(len(viewed)), 99]).astype(np.int32)
    assert bin_of(dataset, everybody).tolist() == [0, 1, 2, 2, 3, 3, 4, 0]


def test_models_that_know_little_of_the_new_are_those_that_learn_from_views():
    others = {"tfidf_user_interest", "tfidf_course_text", "sentence_course_text"}
    others |= {"image_course_picture", "knn_user_assessment_score"}
    others |= {"popular_course_view", "trending_course_view", "completed_course_view"}
    others |= {"segment_user_attribute", "maml_user_attribute"}
    plain = [handle for handle in MODELS if not model_class(handle).uses]
    collaborative = {handle for handle in plain if is_collaborative(handle)}
    assert collaborative >= {"als_collab_filtering_user_course_view", "markov_course_sequence"}
    assert not collaborative & others
    assert all(handle.endswith(("view", "level", "sequence")) for handle in collaborative)


def test_the_fewer_users_a_bin_has_the_nearer_it_is_to_all():
    of_all, own = np.array([0.5, 0.5], np.float32), np.tile(np.float32([1, 0]), (3, 1))
    drawn = shrunk(own, np.array([0, 200, 1800]), of_all)
    np.testing.assert_allclose(drawn[:, 0], [0.5, 0.75, 0.95], atol=1e-6)
    np.testing.assert_allclose(drawn.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_the_growing_part_never_falls_and_proportions_within_a_group_stay(seed):
    weights = weights_by_lot(seed)
    users = np.random.default_rng(seed).integers(0, 50, len(BINS))
    moved = growing(weights, users, GROWS)
    assert (np.diff(moved[:, GROWS].sum(axis=1)) >= -1e-6).all()
    np.testing.assert_allclose(moved.sum(axis=1), 1, atol=1e-5)
    assert (moved >= 0).all()
    for group in (GROWS, ~GROWS):
        before, after = weights[:, group], moved[:, group]
        np.testing.assert_allclose(
            before / before.sum(axis=1, keepdims=True),
            after / after.sum(axis=1, keepdims=True),
            atol=1e-4,
        )


def test_neighbours_that_fall_get_their_mean_by_users_and_an_empty_bin_what_lies_between():
    grows, shares = np.array([True, False]), np.array([0.2, 0.9, 0.6, 0.4, 0.9], np.float32)
    weights = np.stack([shares, 1 - shares], axis=1)
    moved = growing(weights, np.array([10, 10, 30, 0, 10]), grows)
    np.testing.assert_allclose(moved[:, 0], [0.2, 0.675, 0.675, 0.7875, 0.9], atol=1e-5)


def test_weights_that_grow_already_stay_as_they_are():
    weights = weights_by_lot(3)
    by_share = weights[np.argsort(weights[:, GROWS].sum(axis=1))]
    np.testing.assert_allclose(growing(by_share, np.full(len(BINS), 7), GROWS), by_share, atol=1e-6)


@pytest.mark.parametrize("grows", [np.array([True, True]), np.array([False, False])])
def test_where_all_models_are_of_one_group_nothing_is_moved(grows):
    weights = weights_by_lot(1)[:, :2]
    np.testing.assert_array_equal(growing(weights, np.ones(len(BINS), int), grows), weights)


def test_a_group_without_weight_in_a_bin_has_the_proportions_of_the_others():
    grows = np.array([True, True, False])
    weights = np.array([[0.6, 0.2, 0.2], [0, 0, 1], [0.6, 0.2, 0.2]], np.float32)
    moved = growing(weights, np.array([1, 1, 1]), grows)
    np.testing.assert_allclose(moved[1, :2] / moved[1, :2].sum(), [0.75, 0.25], atol=1e-5)
