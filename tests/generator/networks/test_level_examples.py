import numpy as np
import pytest
import scipy.sparse as sp

from generator.networks.level_examples import MAX_TAGS, LevelExamples, tag_lists


@pytest.fixture
def examples() -> LevelExamples:
    random = np.random.default_rng(1)
    viewed_levels = random.integers(0, 4, (50, 40)) * (random.random((50, 40)) < 0.3)
    return LevelExamples.of(sp.csr_matrix(viewed_levels.astype(np.int8)))


def as_set(examples):
    return set(zip(examples.users, examples.courses, examples.levels, strict=True))


def test_an_example_is_a_viewed_pair_with_its_level_counted_from_0():
    viewed_levels = sp.csr_matrix(np.array([[0, 2, 0], [1, 0, 3]], np.int8))
    assert as_set(LevelExamples.of(viewed_levels)) == {(0, 1, 1), (1, 0, 0), (1, 2, 2)}


def test_a_split_moves_whole_courses_and_loses_nothing(examples):
    parts = examples.split_by_course((0.1, 0.2), np.random.default_rng(2))
    assert as_set(examples) == set().union(*map(as_set, parts))
    assert sum(len(part) for part in parts) == len(examples)
    rest, first, second = (set(part.courses) for part in parts)
    assert not rest & first
    assert not rest & second
    assert not first & second
    n_courses = len(set(examples.courses))
    assert (len(first), len(second)) == (n_courses // 10, n_courses // 5)


def test_some_users_keep_all_their_examples_and_as_many_users_as_fit_are_kept(examples):
    at_most = len(examples) // 2
    some = examples.of_some_users(at_most, np.random.default_rng(3))
    kept = set(some.users)
    assert as_set(some) == {one for one in as_set(examples) if one[0] in kept}
    most_of_a_user = np.bincount(examples.users).max()
    assert at_most - most_of_a_user < len(some) <= at_most
    assert examples.of_some_users(len(examples), np.random.default_rng(3)) is examples


def test_tags_of_few_courses_are_left_out():
    course_tags = sp.csr_matrix(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1]], np.float32))
    assert (tag_lists(course_tags, 1) > 0).sum(axis=1).tolist() == [2, 1, 2]
    assert tag_lists(course_tags, 2).tolist() == [[1], [1], [1]]
    assert tag_lists(course_tags, 4).tolist() == [[0], [0], [0]]


def test_of_too_many_tags_the_rarest_are_kept():
    n_tags = MAX_TAGS + 3
    carriers = np.arange(1, n_tags + 1)[::-1]
    course_tags = (np.arange(n_tags)[:, None] < carriers).astype(np.float32)
    lists = tag_lists(sp.csr_matrix(course_tags), 1)
    assert lists.shape == (n_tags, MAX_TAGS)
    # Tags are numbered by rarity, and the first course carries all of them.
    assert lists[0].tolist() == list(range(1, MAX_TAGS + 1))


def test_courses_without_any_tag_have_empty_lists():
    assert tag_lists(sp.csr_matrix((3, 0), dtype=np.float32), 1).tolist() == [[0], [0], [0]]
