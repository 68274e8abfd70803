import numpy as np
import pytest

from generator.models import ease_user_course_view
from generator.models.ease_user_course_view import EaseUserCourseView
from generator.models.knn_collab_filtering_user_course_view import KnnUserCourseView
from generator.plan import plan_run
from shared.errors import SettingsError
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset


def random_views(users=40, courses=23, seed=4):
    random = np.random.default_rng(seed)
    return [
        (user, f"c{course:02}", float(random.lognormal(6, 1.5)), "")
        for user in range(users)
        for course in random.choice(courses, random.integers(2, 8), replace=False)
    ]


def predicted(views, reg, users=40, courses=23):
    """X B by float64 regressions, one course after the other: each on all others."""
    x = np.zeros((users, courses))
    for user, course, seconds, _ in views:
        x[user, int(course[1:])] = np.log1p(seconds / 60)
    x /= x[x > 0].mean()
    scores = np.zeros_like(x)
    for course in range(courses):
        others = np.delete(x, course, axis=1)
        ridge = others.T @ others + reg * np.eye(courses - 1)
        scores[:, course] = others @ np.linalg.solve(ridge, others.T @ x[:, course])
    return scores


@pytest.mark.parametrize("columns_per_block", [1024, 7])
def test_scores_are_those_of_a_ridge_regression_of_each_course_on_the_others(
    monkeypatch, columns_per_block
):
    monkeypatch.setattr(ease_user_course_view, "COLUMNS_PER_BLOCK", columns_per_block)
    views = random_views()
    model = EaseUserCourseView(reg=5.0).fit(make_dataset(views=views))
    expected, seen = predicted(views, reg=5.0), model.dataset.seen.toarray()
    for user, (indices, scores) in enumerate(zip(*model.recommend(range(40), 23), strict=True)):
        listed = indices[indices >= 0]
        assert sorted(listed) == list(np.flatnonzero(~seen[user] & (expected[user] > 0)))
        np.testing.assert_allclose(scores[indices >= 0], expected[user, listed], atol=1e-4)


def test_a_course_that_was_opened_and_left_is_no_evidence_but_seen():
    views = [(u, c, 600.0, "") for u in range(9) for c in ("a", "b")]
    asked = [(100, "a", 600.0, ""), (100, "x", 0.0, ""), (101, "x", 0.0, "")]
    model = EaseUserCourseView(reg=1.0).fit(make_dataset(views=views + asked))
    hundred, idle = model.dataset.users.index_of([100, 101])
    assert idle not in model.known_users()
    assert model.recommend([hundred], 3).indices.tolist() == [
        [model.dataset.courses.index_of(["b"])[0], -1, -1]
    ]


def test_more_courses_than_the_memory_holds_are_declined_with_the_figure():
    views, courses = [(1, "a", 60.0, "")], [f"c{i}" for i in range(40_000)]
    models = [EaseUserCourseView(), KnnUserCourseView()]
    plan = plan_run(models, make_dataset(views=views, courses=courses), GeneratorSettings())
    assert list(plan.block_bytes) == [KnnUserCourseView.handle]
    megabytes = int(plan.skipped[EaseUserCourseView.handle].split()[2].replace(",", ""))
    # 40,001 ** 2 * 4 bytes, what is made of them, and the little that is held already.
    assert 6100 < megabytes < 7500


@pytest.mark.parametrize("reg", [0.0, -1.0, float("inf")])
def test_reg_has_to_be_positive(reg):
    with pytest.raises(SettingsError, match="reg must be a number above 0"):
        EaseUserCourseView(reg=reg)


def test_the_reasons_are_the_users_own_courses_by_what_they_add_to_the_score():
    crowd = [(u, c, 600.0, "") for u in range(9) for c in ("a", "b")]
    crowd += [(u, c, 600.0, "") for u in range(9, 12) for c in ("b", "c")]
    views = [*crowd, (100, "a", 600.0, ""), (100, "c", 600.0, "")]
    model = EaseUserCourseView(reg=1.0).fit(make_dataset(views=views))
    a, b, c = model.dataset.courses.index_of(["a", "b", "c"])
    hundred = model.dataset.users.index_of([100])
    assert model.recommend(hundred, 1).indices.tolist() == [[b]]
    reasons = model.reasons("recommendations", hundred, [[b]])
    assert reasons.indices[0, 0].tolist() == [a, c, -1]
    # b regressed on a and c over these thirteen users: nine of a, three of c, one of both.
    gram, target = np.array([[11.0, 1.0], [1.0, 5.0]]), np.array([9.0, 3.0])
    weights = np.linalg.solve(gram, target)
    np.testing.assert_allclose(reasons.shares[0, 0, :2], weights / weights.sum(), atol=1e-5)


def test_similar_courses_are_what_one_who_watched_the_other_alone_is_predicted():
    views, courses = random_views(), range(23)
    model = EaseUserCourseView(reg=5.0).fit(make_dataset(views=views))
    x = np.zeros((40, 23))
    for user, course, seconds, _ in views:
        x[user, int(course[1:])] = np.log1p(seconds / 60)
    x /= x[x > 0].mean()
    weights = np.zeros((23, 23))
    for course in courses:
        others = np.delete(np.arange(23), course)
        gram = x[:, others].T @ x[:, others] + 5.0 * np.eye(22)
        weights[others, course] = np.linalg.solve(gram, x[:, others].T @ x[:, course])
    top = model.similar_courses(courses, 9)
    best = np.maximum(np.sort(weights, axis=1)[:, ::-1][:, :9], 0)
    np.testing.assert_allclose(top.scores, best, atol=2e-5)
    listed = np.take_along_axis(weights, np.maximum(top.indices, 0), axis=1)
    np.testing.assert_allclose(listed[top.indices >= 0], top.scores[top.indices >= 0], atol=2e-5)


def test_the_users_for_a_course_are_those_whom_it_is_predicted_most_and_who_have_not_seen_it():
    views = random_views()
    model = EaseUserCourseView(reg=5.0).fit(make_dataset(views=views))
    scores = predicted(views, reg=5.0).T
    scores[model.dataset.seen.toarray().T] = 0
    top = model.course_users(range(23), 9)
    best = np.maximum(np.sort(scores, axis=1)[:, ::-1][:, :9], 0)
    np.testing.assert_allclose(top.scores, best, atol=1e-4)


def test_who_shares_no_course_with_anybody_has_no_list_rather_than_one_of_zeros():
    alone = [(900, "private 1", 600.0, ""), (900, "private 2", 600.0, "")]
    model = EaseUserCourseView(reg=5.0).fit(make_dataset(views=[*random_views(), *alone]))
    assert list(model.known_users()) == list(range(40))
    assert (model.recommend([40], 20).indices == -1).all()
    everyone = model.recommend(range(40), 40)
    assert everyone.indices.max() < 23
    assert (everyone.scores[everyone.indices >= 0] > 0).all()


def test_a_course_that_nothing_speaks_for_is_not_listed():
    views = [(u, c, 600.0, "") for u in range(9) for c in ("a", "b")]
    views += [(u, "c", 600.0, "") for u in range(20, 30)]
    model = EaseUserCourseView(reg=1.0).fit(make_dataset(views=views))
    assert (model.recommend(model.dataset.users.index_of([20]), 3).indices == -1).all()


def test_a_user_who_is_folded_in_is_a_row_like_any_other():
    views = random_views()
    model = EaseUserCourseView(reg=5.0).fit(make_dataset(views=views))
    before = model.score([7], [np.arange(23)])
    twin = [(500, course, seconds, "") for user, course, seconds, _ in views if user == 7]
    model.fold_in(make_dataset(views=views + twin))
    np.testing.assert_array_equal(model.score([40], [np.arange(23)]), before)
