"""Coverage, novelty, diversity and popularity, each against a plain loop or by hand."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics.pairwise import cosine_similarity

from generator.evaluation.beyond_accuracy import (
    course_coverage,
    course_vectors,
    diversity,
    novelty,
    popularity_lift,
    user_coverage,
)
from tests.datasets import make_dataset
from tests.planted import plant_tribes

LISTS = np.array([[0, 1, 2], [2, 1, -1], [3, -1, -1], [-1, -1, -1]], np.int32)


def test_coverage_counts_users_with_lists_and_courses_in_them():
    assert user_coverage(LISTS).tolist() == [1, 1, 1, 0]
    assert course_coverage(LISTS, courses=8, k=3) == 4 / 8
    assert course_coverage(LISTS, courses=8, k=1) == 3 / 8
    assert course_coverage(LISTS[3:], courses=8, k=3) == 0


def test_novelty_is_the_mean_of_bits_by_hand():
    viewers = np.array([8, 4, 2, 0])
    found = novelty(LISTS, viewers, users=16, k=3)
    assert found[:3].tolist() == [(1 + 2 + 3) / 3, 5 / 2, 4]
    assert np.isnan(found[3])


def test_diversity_equals_a_loop_over_pairs():
    random = np.random.default_rng(1)
    dataset = plant_tribes().dataset
    vectors = course_vectors(dataset)
    similar = cosine_similarity(dataset.course_tags)
    listed = np.array([random.permutation(len(dataset.courses))[:9] for _ in range(40)], np.int32)
    listed[np.arange(9) >= random.integers(0, 10, 40)[:, None]] = -1
    for user, found in enumerate(diversity(listed, vectors, k=6)):
        courses = listed[user, :6][listed[user, :6] >= 0]
        distances = [1 - similar[a, b] for a, b in combinations(courses, 2)]
        if distances:
            assert found == pytest.approx(np.mean(distances))
        else:
            assert np.isnan(found)


def test_without_tags_there_is_no_diversity_and_a_course_without_tags_is_far_from_all():
    untagged = make_dataset(views=[(1, "a", 9.0, ""), (1, "b", 9.0, "")])
    listed = np.array([[0, 1]], np.int32)
    assert np.isnan(diversity(listed, course_vectors(untagged), 2)).all()
    half = make_dataset(views=[(1, "a", 9.0, "")], course_tags=[("b", "x")])
    assert diversity(listed, course_vectors(half), 2).tolist() == [1]


def test_popularity_lift_compares_lists_with_histories_by_hand():
    # a has 3 viewers, b 2, c 1.
    views = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (3, "c")]
    train = make_dataset(views=[(u, c, 60.0, "") for u, c in views])
    users = np.array([0, 2], np.int32)
    listed = np.array([[2, -1], [1, -1]], np.int32)
    history = ((3 + 2) / 2 + (3 + 1) / 2) / 2
    assert popularity_lift(listed, train, users, 2) == pytest.approx(1.5 / history - 1)
    assert np.isnan(popularity_lift(np.full((2, 2), -1, np.int32), train, users, 2))


def test_nobody_and_no_courses_are_no_error():
    nobody = np.empty((0, 5), np.int32)
    assert len(diversity(nobody, sp.csr_matrix((3, 2)), 5)) == 0
    assert len(novelty(nobody, np.array([], int), 0, 5)) == 0
    assert course_coverage(nobody, 0, 5) == 0
