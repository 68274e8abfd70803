"""Baselines keep the models' contract, and are what their names say."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from generator.evaluation.baselines import (
    BASELINES,
    EASE,
    ItemKnnCosine,
    Popular,
    Random,
    comparators,
)
from generator.models.registry import MODELS
from generator.models.run_options import RunOptions
from generator.nearest.ties import TieRule
from tests.planted import plant_tribes

N = 8


@pytest.fixture(scope="module")
def planted():
    return plant_tribes()


def everybody(planted):
    return np.arange(len(planted.dataset.users))


@pytest.mark.parametrize("baseline", BASELINES)
def test_no_seen_course_no_course_twice_and_the_same_whoever_else_is_asked(baseline, planted):
    fitted = baseline().fit(planted.dataset, RunOptions(seed=1))
    top = fitted.recommend(everybody(planted), N)
    seen = planted.dataset.seen
    for user, listed in enumerate(top.indices):
        courses = listed[listed >= 0]
        assert len(set(courses)) == len(courses)
        assert seen[user, courses].sum() == 0
    alone = fitted.recommend([5], N)
    np.testing.assert_array_equal(alone.indices[0], top.indices[5])


def test_popular_lists_the_most_viewed_unseen_courses(planted):
    dataset = planted.dataset
    top = Popular().fit(dataset).recommend(everybody(planted), N)
    viewers = dataset.viewers
    for user, listed in enumerate(top.indices):
        unseen = np.flatnonzero(~dataset.seen[user].toarray().ravel())
        assert set(listed) <= set(unseen)
        np.testing.assert_array_equal(viewers[listed], -np.sort(-viewers[unseen])[:N])


def test_random_depends_on_the_seed_and_spreads_over_the_catalogue(planted):
    first, again, other = (
        Random().fit(planted.dataset, RunOptions(seed=seed)).recommend(everybody(planted), N)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.indices, again.indices)
    assert (first.indices != other.indices).any()
    assert len(np.unique(first.indices)) == len(planted.dataset.courses)
    more = Random().fit(planted.dataset).recommend([0], len(planted.dataset.courses))
    unseen = len(planted.dataset.courses) - planted.dataset.seen[0].nnz
    assert (more.indices >= 0).sum() == unseen


def test_item_knn_scores_are_sums_of_cosines(planted):
    dataset = planted.dataset
    seen = dataset.seen.toarray().astype(float)
    near = cosine_similarity(seen.T)
    np.fill_diagonal(near, 0)
    expected = np.where(seen > 0, 0, seen @ near)
    top = ItemKnnCosine().fit(dataset).recommend(everybody(planted), N)
    np.testing.assert_allclose(top.scores, -np.sort(-expected, axis=1)[:, :N], atol=1e-5)


def test_item_knn_keeps_only_the_k_nearest_courses(planted):
    dataset = planted.dataset
    seen = dataset.seen.toarray().astype(float)
    near = cosine_similarity(seen.T)
    np.fill_diagonal(near, 0)
    rule = TieRule(dataset.users.hashes, dataset.courses.hashes, dataset.viewers, RunOptions().seed)
    zeros = np.zeros(len(near), int)
    for course, row in enumerate(near):
        places = rule.ties("course", np.array([course]), "course").places(
            zeros, np.arange(len(row))
        )
        order = np.lexsort((places, -np.round(row, 6)))
        near[course, order[3:]] = 0
    expected = np.where(seen > 0, 0, seen @ near)
    top = ItemKnnCosine(k=3).fit(dataset).recommend(everybody(planted), N)
    np.testing.assert_allclose(top.scores, -np.sort(-expected, axis=1)[:, :N], atol=1e-5)


def test_ease_stands_beside_chosen_models_and_twice_in_no_table():
    fixed = [baseline.handle for baseline in BASELINES]
    assert [m.handle for m in comparators(["tfidf_user_interest"])] == [*fixed, EASE]
    assert [m.handle for m in comparators([EASE])] == fixed
    assert not set(fixed) & set(MODELS)


def test_the_most_viewed_courses_stand_in_no_table_twice():
    beside = [model.handle for model in comparators(["popular_course_view", EASE])]
    assert beside == [baseline.handle for baseline in BASELINES if baseline is not Popular]
