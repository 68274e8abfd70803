"""Models that count ratings, on data in which ratings alone tell what is good."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.registry import model_class
from tests.datasets import table

HANDLES = [
    "als_collab_filtering_user_course_view",
    "knn_collab_filtering_user_course_view",
    "ease_user_course_view",
    "bspm_user_course_view",
]
OF_USERS = [handle for handle in HANDLES if "similar_users" in model_class(handle).serves]
USERS, COURSES, OF_EACH = 60, 24, 8
COLUMNS = "user_handle course_id"


@pytest.fixture(scope="module")
def data():
    """Everybody views courses by lot, as long. Even ones get 5 stars, odd ones 1."""
    random = np.random.default_rng(3)
    pairs = [
        (user, int(course))
        for user in range(USERS)
        for course in random.choice(COURSES, OF_EACH, replace=False)
    ]
    return dataset_of(pairs, [(*pair, 5 if pair[1] % 2 == 0 else 1) for pair in pairs])


def dataset_of(pairs, ratings):
    views = [(*pair, 600.0) for pair in pairs]
    return build_dataset(
        {
            "user_course_views": table("user_course_views", f"{COLUMNS} view_time_seconds", views),
            "course_reviews": table("course_reviews", f"{COLUMNS} rating", ratings),
        }
    )


def share_of_good(model, data) -> float:
    listed = model.fit(data).recommend(np.arange(USERS), 5).indices
    handles = np.array(data.courses.handles())
    return float((handles[listed[listed >= 0]] % 2 == 0).mean())


@pytest.mark.parametrize("handle", HANDLES)
def test_what_others_disliked_is_recommended_only_by_models_that_read_no_reviews(data, handle):
    assert share_of_good(model_class(handle)(reviews=True), data) == 1
    assert 0.3 < share_of_good(model_class(handle)(reviews=False), data) < 0.7


def test_a_hybrid_of_them_hardly_ever_recommends_it(data):
    assert share_of_good(model_class("weighted_hybrid")(), data) > 0.9


@pytest.mark.parametrize("handle", HANDLES)
def test_a_course_that_was_disliked_is_still_seen(data, handle):
    top = model_class(handle)(reviews=True).fit(data).recommend(np.arange(USERS), COURSES)
    for user, listed in enumerate(top.indices):
        assert not set(listed[listed >= 0]) & set(data.seen[user].indices)


@pytest.mark.parametrize("handle", OF_USERS)
def test_users_are_alike_by_what_both_liked(handle):
    pairs = [("ada", "a"), ("ada", "b"), ("bob", "a"), ("bob", "b"), ("eve", "a"), ("eve", "b")]
    ratings = [("ada", "a", 5), ("ada", "b", 1), ("bob", "a", 1), ("bob", "b", 5)]
    ratings += [("eve", "a", 5), ("eve", "b", 2)]
    data = dataset_of(pairs, ratings)
    model = model_class(handle)(reviews=True).fit(data)
    ada, bob, eve = (data.users.handles().index(name) for name in ("ada", "bob", "eve"))
    assert model.similar_users([ada], 1).indices[0, 0] == eve
    assert model.similar_users([bob], 1).indices[0, 0] != ada


@pytest.mark.parametrize("handle", HANDLES)
def test_a_saved_model_counts_ratings_as_it_did(data, handle, tmp_path):
    model = model_class(handle)(reviews=True).fit(data)
    model.save(tmp_path)
    loaded = model_class(handle).load(tmp_path, data)
    users = np.arange(USERS)
    before, after = model.recommend(users, 5), loaded.recommend(users, 5)
    np.testing.assert_array_equal(before.indices, after.indices)
    folded = loaded.fold_in(data).recommend(users, 5)
    np.testing.assert_array_equal(before.indices, folded.indices)
    np.testing.assert_array_equal(before.scores, folded.scores)


@pytest.mark.parametrize("handle", HANDLES)
def test_who_changes_a_rating_is_folded_in(data, handle):
    """A user who disliked everything is known to no model, until they like something."""
    pairs = [(user, course) for user in range(4) for course in range(3)]
    liked = [(*pair, 5) for pair in pairs if pair[0]]
    before = dataset_of(pairs, [*liked, *((0, course, 1) for course in range(3))])
    after = dataset_of(pairs, [*liked, (0, 0, 5), (0, 1, 1), (0, 2, 1)])
    model = model_class(handle)(reviews=True).fit(before)
    assert model.known_users().tolist() == [1, 2, 3]
    assert model.fold_in(after).known_users().tolist() == [0, 1, 2, 3]
