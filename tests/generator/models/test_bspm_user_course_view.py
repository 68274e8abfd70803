import itertools

import numpy as np
import pytest

from generator.models.bspm_user_course_view import BspmUserCourseView
from generator.models.run_options import RunOptions
from shared.errors import SettingsError
from tests.datasets import make_dataset

USERS, COURSES = 60, 33


@pytest.fixture(scope="module")
def views():
    random = np.random.default_rng(4)
    return [
        (user, f"c{course:02}", float(random.lognormal(6, 1.5)), "")
        for user in range(USERS)
        for course in random.choice(COURSES, random.integers(2, 9), replace=False)
    ]


def graph_of(views):
    """R, C ** 1/2 and P of the docstring, dense in float64."""
    rows = np.zeros((USERS, COURSES))
    for user, course, seconds, _ in views:
        rows[user, int(course[1:])] = np.log1p(seconds / 60)
    rows /= rows[rows > 0].mean()
    roots = np.sqrt(rows.sum(axis=0))
    normed = rows / np.sqrt(rows.sum(axis=1))[:, None] / roots
    return rows, roots, normed.T @ normed


def blurred(views, size, low_pass):
    rows, roots, blur = graph_of(views)
    values, vectors = np.linalg.eigh(blur)
    first = vectors[:, ::-1][:, :size]
    return rows @ blur + low_pass * (rows / roots) @ first @ first.T * roots, values[::-1][:size]


def assert_scores(model, expected, atol=2e-5):
    seen = model.dataset.seen.toarray()
    top = model.recommend(range(USERS), COURSES)
    for user, (indices, scores) in enumerate(zip(*top, strict=True)):
        listed = indices[indices >= 0]
        sure = np.setdiff1d(listed, np.flatnonzero(np.abs(expected[user]) < atol))
        assert list(sure) == list(np.flatnonzero(~seen[user] & (expected[user] >= atol)))
        np.testing.assert_allclose(scores[indices >= 0], expected[user, listed], atol=atol)
    every_course = np.tile(np.arange(COURSES), (USERS, 1))
    np.testing.assert_allclose(model.score(range(USERS), every_course), expected, atol=atol)


def test_with_all_singular_vectors_sharpening_solves_a_linear_system(views):
    model = BspmUserCourseView(embedding_size=COURSES, low_pass_share=0.75, sharpening=2.5)
    rows, _, blur = graph_of(views)
    # All of V: the ideal low-pass filter lets everything through.
    expected = np.linalg.solve(np.eye(COURSES) + 2.5 * blur, (rows @ blur + 0.3 * rows).T).T
    assert_scores(model.fit(make_dataset(views=views)), expected)


def test_without_sharpening_scores_are_those_of_gf_cf(views):
    model = BspmUserCourseView(embedding_size=6, low_pass_share=0.3, sharpening=0.0)
    expected, _ = blurred(views, 6, 0.3)
    # The singular vectors are found by a randomised method.
    assert_scores(model.fit(make_dataset(views=views)), expected, atol=1e-3)


def test_beyond_the_singular_vectors_the_inverse_is_nearly_what_it_should_be(views):
    size = 20
    model = BspmUserCourseView(embedding_size=size, low_pass_share=0.75, sharpening=2.5)
    model.fit(make_dataset(views=views))
    before, values = blurred(views, size, 0.3)
    _, _, blur = graph_of(views)
    exact = np.linalg.solve(np.eye(COURSES) + 2.5 * blur, before.T).T
    top = model.recommend(range(USERS), COURSES)
    listed = top.indices >= 0
    error = top.scores[listed] - np.take_along_axis(exact, np.maximum(top.indices, 0), 1)[listed]
    # The line is off by at most x ** 2 * 2.5 ** 2 / 4 where x is the largest eigenvalue beyond.
    assert np.abs(error).max() < (2.5 * values[-1]) ** 2 / 4 * before.max()


def test_twins_are_the_most_similar(views):
    twins = [(100, course, seconds, level) for user, course, seconds, level in views if user == 7]
    model = BspmUserCourseView(embedding_size=12).fit(make_dataset(views=views + twins))
    top = model.similar_users(model.dataset.users.index_of([7, 100]), 1)
    assert top.indices.ravel().tolist() == model.dataset.users.index_of([100, 7]).tolist()
    np.testing.assert_allclose(top.scores, 1, atol=1e-5)


def test_threads_and_memory_change_no_list(views):
    dataset = make_dataset(views=views)
    one = BspmUserCourseView(embedding_size=8).fit(dataset, RunOptions(threads=1))
    two = BspmUserCourseView(embedding_size=8)
    two.fit(dataset, RunOptions(threads=2, memory_budget_bytes=10**4))
    np.testing.assert_array_equal(
        one.recommend(range(USERS), 10).indices, two.recommend(range(USERS), 10).indices
    )


@pytest.mark.parametrize(
    "options",
    [
        {"embedding_size": -1},
        {"low_pass_share": -0.1},
        {"low_pass_share": 1.0},
        {"sharpening": float("inf")},
    ],
)
def test_options_out_of_their_range_are_refused(options):
    with pytest.raises(SettingsError, match=next(iter(options))):
        BspmUserCourseView(**options)


@pytest.mark.parametrize(("views_each", "size"), [(12, 66), (30, 26), (60, 16)])
def test_the_fewer_views_a_user_has_the_more_vectors_are_kept(views_each, size):
    random = np.random.default_rng(1)
    views = [
        (user, int(course), 600.0, "")
        for user in range(400)
        for course in random.permutation(400)[:views_each]
    ]
    model = BspmUserCourseView().fit(make_dataset(views=views))
    assert model._vectors.shape == (400, size)


@pytest.fixture(scope="module")
def tastes():
    """Three tastes on one island: a course of one's own is five times as likely viewed."""
    random = np.random.default_rng(6)
    return make_dataset(
        views=[
            (user, int(course), float(random.lognormal(6, 1)), "")
            for user in range(150)
            for course in np.flatnonzero(
                random.random(90) < np.where(np.arange(90) % 3 == user % 3, 0.2, 0.04)
            )
        ]
    )


RANGES = BspmUserCourseView.Options.search_ranges()
CORNERS = list(itertools.product(*((found.low, found.high) for found in RANGES.values())))


@pytest.mark.parametrize("corner", CORNERS)
def test_nowhere_in_the_search_range_are_lists_turned_around(tastes, corner):
    options = dict(zip(RANGES, corner, strict=True))
    model = BspmUserCourseView(**options).fit(tastes)
    users = model.known_users()
    listed = model.recommend(users, 4).indices
    own = np.array(tastes.users.handles(users)) % 3
    courses = np.array(tastes.courses.handles())[listed] % 3
    assert listed.min() >= 0
    assert (courses == own[:, None]).mean() > 2 / 3


def test_similar_courses_are_cosines_of_the_graph_filter_when_all_vectors_are_kept(views):
    model = BspmUserCourseView(embedding_size=COURSES).fit(make_dataset(views=views))
    _, _, blur = graph_of(views)
    cosines = blur / np.sqrt(np.outer(blur.diagonal(), blur.diagonal()))
    np.fill_diagonal(cosines, -1)
    top = model.similar_courses(range(COURSES), 8)
    best = np.maximum(np.sort(cosines, axis=1)[:, ::-1][:, :8], 0)
    np.testing.assert_allclose(top.scores, best, atol=2e-5)
    listed = np.take_along_axis(cosines, np.maximum(top.indices, 0), axis=1)
    np.testing.assert_allclose(listed[top.indices >= 0], top.scores[top.indices >= 0], atol=2e-5)


def test_neighbours_with_nothing_in_common_are_not_listed(views):
    apart = [(user, f"z{user % 2}", 1800.0, "") for user in range(900, 904)]
    model = BspmUserCourseView(embedding_size=5).fit(make_dataset(views=views + apart))
    top = model.similar_users(range(USERS + 4), USERS + 4)
    assert (top.scores[top.indices >= 0] > 0).all()
    assert top.indices[:USERS].max() < USERS
    assert [list(row[row >= 0]) for row in top.indices[USERS:]] == [[62], [63], [60], [61]]


def test_who_is_alone_takes_no_singular_vector_from_the_others(views):
    alone = [(900 + i, f"z{i}", 1800.0, "") for i in range(30)]
    options = {"embedding_size": 6}
    with_them = BspmUserCourseView(**options).fit(make_dataset(views=views + alone))
    without = BspmUserCourseView(**options).fit(make_dataset(views=views))
    assert list(with_them.known_users()) == list(range(USERS))
    shared = with_them.recommend(range(USERS), 5), without.recommend(range(USERS), 5)
    assert (shared[0].indices == shared[1].indices).mean() > 0.95


def test_a_user_who_is_folded_in_is_another_row_of_the_same_graph(views):
    model = BspmUserCourseView(embedding_size=6).fit(make_dataset(views=views))
    before = model.score([7], [np.arange(COURSES)])
    twin = [(500, course, seconds, "") for user, course, seconds, _ in views if user == 7]
    model.fold_in(make_dataset(views=views + twin))
    np.testing.assert_allclose(model.score([USERS], [np.arange(COURSES)]), before, atol=1e-6)
