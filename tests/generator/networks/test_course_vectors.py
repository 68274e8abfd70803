import numpy as np
import pytest

SIZE, NUMBERS, COURSES = 3, 4, 9


@pytest.fixture(scope="module")
def start():
    return np.random.default_rng(1).normal(size=(COURSES, SIZE)).astype(np.float32)


@pytest.fixture(scope="module")
def texts():
    return np.random.default_rng(2).normal(size=(COURSES, NUMBERS)).astype(np.float32)


def test_vectors_start_where_they_are_said_to_with_texts_and_without(start, texts):
    from generator.networks.course_vectors import CourseVectors

    for vectors in (CourseVectors(start), CourseVectors(start, texts)):
        np.testing.assert_allclose(np.asarray(vectors.every()), start, atol=1e-5)
        read = np.asarray(vectors(np.array([[0, 1], [COURSES, 0]], np.int32)))
        expected = [[np.zeros(SIZE), start[0]], [start[-1], np.zeros(SIZE)]]
        np.testing.assert_allclose(read, expected, atol=1e-5)


def test_what_texts_say_is_the_ridge_regression_of_the_start(start, texts):
    from sklearn.linear_model import Ridge

    from generator.networks.course_vectors import RIDGE, CourseVectors

    peer = Ridge(alpha=RIDGE, fit_intercept=False).fit(texts, start)
    np.testing.assert_allclose(CourseVectors(start, texts).of_texts, peer.coef_.T, atol=1e-4)
    assert CourseVectors(start).of_texts.shape == (0, SIZE)


def test_training_moves_what_texts_say_and_leaves_the_texts(start, texts):
    from generator.networks.course_vectors import CourseVectors

    names = [weight.name for weight in CourseVectors(start, texts).trainable_weights]
    assert sorted(names) == ["of_texts", "own"]
