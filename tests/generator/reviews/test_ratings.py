import numpy as np
import pytest
import scipy.sparse as sp

from generator.reviews.ratings import course_ratings


def matrix(*columns: list[float]) -> sp.csr_matrix:
    """A course a column: what it was rated, by users 0, 1, ...; zeros are ratings."""
    cells = [(user, course, r) for course, of in enumerate(columns) for user, r in enumerate(of)]
    users, courses, ratings = zip(*cells, strict=True) if cells else ((), (), ())
    shape = (max(map(len, columns), default=0), len(columns))
    return sp.csr_matrix((np.array(ratings, np.float32), (users, courses)), shape=shape)


def test_a_mean_is_that_of_the_course_and_of_all_by_the_variances_within_and_between():
    courses = [[5, 4, 5, 4], [2, 1], [3], []]
    rated = course_ratings(matrix(*courses))
    # By hand, as Buehlmann & Straub have it: 7 ratings of 3 courses.
    within = (4 * 0.25 + 2 * 0.25) / (7 - 3)
    mean = (18 + 3 + 3) / 7
    spread = 4 * (4.5 - mean) ** 2 + 2 * (1.5 - mean) ** 2 + (3 - mean) ** 2
    between = (spread - 2 * within) / (7 - (16 + 4 + 1) / 7)
    k = within / between
    assert rated.prior_weight == pytest.approx(k)
    trust = np.array([4 / (4 + k), 2 / (2 + k), 1 / (1 + k)])
    prior = trust @ [4.5, 1.5, 3] / trust.sum()
    assert rated.prior_mean == pytest.approx(prior)
    expected = [*(trust * [4.5, 1.5, 3] + (1 - trust) * prior), prior]
    np.testing.assert_allclose(rated.means, expected)
    assert rated.counts.tolist() == [4, 2, 1, 0]


def test_two_fives_are_no_better_than_many_high_ratings():
    random = np.random.default_rng(5)
    others = [random.choice([2, 3, 4, 5], 30).tolist() for _ in range(40)]
    many = [5.0] * 270 + [4.0] * 30
    rated = course_ratings(matrix([5.0, 5.0], many, *others))
    assert rated.means[1] > rated.means[0] > rated.prior_mean


def test_drawn_means_are_nearer_to_the_truth_than_plain_ones():
    random = np.random.default_rng(8)
    truth = random.normal(3.5, 0.4, 300)
    courses = [random.normal(mean, 1.0, random.integers(1, 12)).tolist() for mean in truth]
    rated = course_ratings(matrix(*courses))
    plain = np.array([np.mean(of) for of in courses])
    # Efron & Morris 1975: the variances are 1 and .16, so that k is about 6.
    assert 3 < rated.prior_weight < 12
    assert ((rated.means - truth) ** 2).mean() < 0.6 * ((plain - truth) ** 2).mean()


@pytest.mark.parametrize(
    ("courses", "means"),
    [
        ([[5], [1]], [3, 3]),  # a rating each: nothing says how much one varies
        ([[4, 2]], [3]),
        ([[5, 1], [1, 5]], [3, 3]),  # no course is better than another
        ([[5, 5], [1, 1]], [5, 1]),  # everybody agrees
        ([[0, 0], [5, 5]], [0, 5]),
    ],
)
def test_courses_that_cannot_be_told_apart_have_the_mean_of_all(courses, means):
    np.testing.assert_allclose(course_ratings(matrix(*courses)).means, means)


def test_without_a_rating_nobody_has_a_mean():
    rated = course_ratings(matrix([], []))
    assert np.isnan(rated.means).all()
    assert rated.counts.tolist() == [0, 0]
