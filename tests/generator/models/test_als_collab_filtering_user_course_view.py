import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_info

from generator.models.als_collab_filtering_user_course_view import AlsUserCourseView
from generator.models.run_options import RunOptions
from shared.errors import ModelError, SettingsError
from tests.datasets import make_dataset

SMALL = {"embedding_size": 3, "reg": 2.0, "alpha": 8.0}


def random_views(users=30, courses=20, seed=4):
    random = np.random.default_rng(seed)
    return [
        (user, f"c{course:02}", float(random.lognormal(6, 1.5)), "")
        for user in range(users)
        for course in random.choice(courses, random.integers(2, 8), replace=False)
    ]


def confidences_by_hand(views, alpha):
    """The docstring's weights: float64 [users, courses], 1 where nothing was viewed."""
    weights = {(u, int(c[1:])): np.log1p(t / 60) for u, c, t, _ in views}
    mean = sum(weights.values()) / len(weights)
    confidence = np.ones((30, 20))
    for pair, weight in weights.items():
        confidence[pair] += alpha * weight / mean
    return confidence


def als_by_normal_equations(confidence, reg, size, epochs=400):
    """Hu, Koren & Volinsky, equations 4 and 5, solved densely in float64: predicted preferences."""
    random = np.random.default_rng(0)
    preference = confidence > 1
    courses = random.random((confidence.shape[1], size)) * 0.01

    def solve(other, confidence, preference):
        return np.array(
            [
                np.linalg.solve(
                    (other.T * c) @ other + reg * np.eye(size), (other.T * c) @ p.astype(float)
                )
                for c, p in zip(confidence, preference, strict=True)
            ]
        )

    for _ in range(epochs):
        users = solve(courses, confidence, preference)
        courses = solve(users, confidence.T, preference.T)
    return users @ courses.T


def test_course_scores_solve_the_papers_equations_for_these_confidences():
    views = random_views()
    expected = als_by_normal_equations(confidences_by_hand(views, alpha=8.0), reg=2.0, size=3)
    model = AlsUserCourseView(**SMALL, epochs=400).fit(make_dataset(views=views))
    seen = model.dataset.seen.toarray()
    for user, (indices, scores) in enumerate(zip(*model.recommend(range(30), 20), strict=True)):
        listed = indices[indices >= 0]
        sure = np.setdiff1d(listed, np.flatnonzero(np.abs(expected[user]) < 2e-3))
        assert list(sure) == list(np.flatnonzero(~seen[user] & (expected[user] >= 2e-3)))
        np.testing.assert_allclose(scores[indices >= 0], expected[user, listed], atol=2e-3)
    every_course = np.tile(np.arange(20), (30, 1))
    np.testing.assert_allclose(model.score(range(30), every_course), expected, atol=2e-3)


def test_a_short_view_says_less_than_a_long_one_but_more_than_none():
    crowd = [(u, c, 3600.0, "") for u in range(20) for c in (("a", "b") if u % 2 else ("x", "y"))]
    asked = {100: ("x", 3600.0), 101: ("a", 20.0), 102: ("a", 3600.0)}
    crowd += [(50, "a", 3600.0, ""), (50, "x", 3600.0, "")]
    views = [*crowd, *((user, course, seconds, "") for user, (course, seconds) in asked.items())]
    model = AlsUserCourseView(embedding_size=2, reg=0.5, alpha=8.0).fit(make_dataset(views=views))
    b = model.dataset.courses.index_of(["b"])[0]
    users = model.dataset.users.index_of(list(asked))
    other, short, long = model.score(users, [[b]] * 3).ravel()
    assert other < short < long


def test_users_with_equal_views_are_the_most_similar():
    views = random_views()
    twins = [(100, c, t, level) for u, c, t, level in views if u == 7]
    model = AlsUserCourseView().fit(make_dataset(views=views + twins))
    top = model.similar_users([7], 3)
    assert model.dataset.users.handles(top.indices[0])[0] == 100
    assert top.scores[0, 0] == pytest.approx(1, abs=1e-4)


def test_views_of_no_length_are_seen_but_no_evidence():
    views = [*random_views(), (200, "c01", 0.0, ""), (3, "opened-and-left", 0.0, "")]
    model = AlsUserCourseView().fit(make_dataset(views=views))
    unknown, opened = (
        model.dataset.users.index_of([200])[0],
        model.dataset.courses.index_of(["opened-and-left"]),
    )
    assert unknown not in model.known_users()
    assert not np.isin(model.similar_users(range(30), 30).indices, unknown).any()
    assert not np.isin(model.recommend(range(30), 30).indices, opened).any()


def test_where_no_view_has_a_length_nobody_is_known():
    model = AlsUserCourseView().fit(make_dataset(views=[(1, "a", 0.0, ""), (2, "b", 0.0, "")]))
    assert not len(model.known_users())
    assert (model.similar_users([0, 1], 3).indices == -1).all()
    assert (model.recommend([0, 1], 3).indices == -1).all()


def test_a_user_whose_vector_was_pulled_to_zero_is_unknown_rather_than_noise():
    views = [*random_views(), (300, "private", 1.0, "")]
    model = AlsUserCourseView(reg=20.0).fit(make_dataset(views=views))
    assert list(model.known_users()) == list(range(30))


def test_threads_change_no_list():
    views = random_views(users=200, courses=60)
    one, two = (
        AlsUserCourseView().fit(make_dataset(views=views), RunOptions(seed=5, threads=threads))
        for threads in (1, 2)
    )
    for ask in ("similar_users", "recommend"):
        first, second = (getattr(model, ask)(range(200), 10) for model in (one, two))
        np.testing.assert_array_equal(first.indices, second.indices)
        np.testing.assert_array_equal(first.scores, second.scores)


def test_the_size_follows_the_number_of_views_unless_it_is_given():
    views = sp.random_array((400, 300), density=0.3, rng=np.random.default_rng(1)).tocoo()
    dataset = make_dataset(
        views=[(int(u), int(c), 60.0, "") for u, c in zip(*views.coords, strict=True)]
    )
    assert AlsUserCourseView(epochs=1).fit(dataset).embedding_size == int(36_000**0.5 / 4)
    assert AlsUserCourseView(epochs=1, embedding_size=200).fit(dataset).embedding_size == 200


@pytest.fixture(scope="module")
def dense():
    """Two tastes; everybody has viewed half of what suits them, and much that does not."""
    random = np.random.default_rng(2)
    return [
        (user, f"c{course:02}", float(random.lognormal(6, 1)), "")
        for user in range(400)
        for course in np.flatnonzero(
            random.random(60) < np.where(np.arange(60) % 2 == user % 2, 0.5, 0.25)
        )
    ]


def test_where_views_are_many_of_all_pairs_a_view_is_less_sure(dense):
    steps = []
    run = RunOptions(progress=lambda done, total: steps.append((done, total)))
    model = AlsUserCourseView().fit(make_dataset(views=dense), run)
    assert model.measures["alpha"] < 40
    assert AlsUserCourseView(alpha=7.0).fit(make_dataset(views=dense)).measures == {"alpha": 7.0}
    assert steps[-1][0] == steps[-1][1] > 15
    assert sorted(steps) == steps


def test_few_users_cannot_tell_how_sure_a_view_is():
    few = AlsUserCourseView().fit(make_dataset(views=random_views()))
    assert few.measures == {"alpha": 40.0}


def test_who_is_folded_in_is_as_sure_as_those_who_were_fitted(dense, tmp_path):
    dataset = make_dataset(views=dense)
    AlsUserCourseView().fit(dataset).save(tmp_path)
    model = AlsUserCourseView.load(tmp_path, dataset)
    twin = [(900, course, seconds, level) for user, course, seconds, level in dense if user == 7]
    model.fold_in(make_dataset(views=[*dense, *twin]))
    every_course = [range(60)]
    np.testing.assert_allclose(
        model.score([400], every_course), model.score([7], every_course), atol=0.02
    )
    sure = AlsUserCourseView(alpha=40.0).fit(dataset)
    apart = np.abs(sure.score([7], every_course) - model.score([7], every_course))
    assert apart.max() > 0.1


def test_every_pass_is_reported_and_blas_threads_are_given_back():
    before = [pool["num_threads"] for pool in threadpool_info()]
    steps = []
    run = RunOptions(progress=lambda done, total: steps.append((done, total)))
    AlsUserCourseView(epochs=3).fit(make_dataset(views=random_views()), run)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert [pool["num_threads"] for pool in threadpool_info()] == before


def test_numbers_out_of_range_are_an_error_that_says_what_to_change():
    with pytest.raises(ModelError, match=r"lower its alpha \(1e\+30\) or raise its reg"):
        AlsUserCourseView(alpha=1e30).fit(make_dataset(views=random_views()))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"embedding_size": -1}, "embedding_size must be a whole number from 0 to 4096"),
        ({"embedding_size": 4097}, "embedding_size must be a whole number from 0 to 4096"),
        ({"epochs": 0}, "epochs must be a whole number from 1 to 1000"),
        ({"reg": 0.0}, r"reg must be a number above 0\. Received: 0\.0"),
        ({"alpha": float("nan")}, "alpha must be a number of at least 0"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(SettingsError, match=sentence):
        AlsUserCourseView(**options)


def factors_of(model):
    """User and course vectors up to rotation, from scores: enough for cosines and products."""
    return model._user_factors.astype(np.float64), model._course_factors.astype(np.float64)


def test_similar_courses_are_cosines_and_users_for_a_course_products():
    views = random_views()
    model = AlsUserCourseView(**SMALL).fit(make_dataset(views=views))
    users, courses = factors_of(model)
    directions = courses / np.linalg.norm(courses, axis=1, keepdims=True)
    alike, likely = directions @ directions.T, courses @ users.T
    np.fill_diagonal(alike, -1)
    likely[model.dataset.seen.toarray().T] = -1
    every_user = np.tile(np.arange(20), (30, 1))
    np.testing.assert_allclose(model.score(range(30), every_user), users @ courses.T, atol=1e-5)
    for top, scores in (
        (model.similar_courses(range(20), 7), alike),
        (model.course_users(range(20), 7), likely),
    ):
        best = np.maximum(np.sort(scores, axis=1)[:, ::-1][:, :7], 0)
        np.testing.assert_allclose(top.scores, best, atol=2e-6)
        listed = np.take_along_axis(scores, np.maximum(top.indices, 0), axis=1)
        np.testing.assert_allclose(
            listed[top.indices >= 0], top.scores[top.indices >= 0], atol=2e-6
        )


def test_who_shares_no_course_with_anybody_is_unknown_and_so_are_their_courses():
    alone = [(900, f"z{i}", 1800.0, "") for i in range(4)]
    model = AlsUserCourseView(**SMALL).fit(make_dataset(views=[*random_views(), *alone]))
    assert list(model.known_users()) == list(range(30))
    assert list(model.known_courses()) == list(range(20))
    everyone = model.recommend(range(31), 24).indices
    assert everyone.max() < 20
    assert (everyone[30] == -1).all()


def test_a_user_who_is_folded_in_solves_equation_4_for_the_courses_vectors():
    views = random_views()
    model = AlsUserCourseView(**SMALL).fit(make_dataset(views=views))
    _, courses = factors_of(model)
    new = [(500, "c03", 600.0, ""), (500, "c11", 4000.0, "")]
    model.fold_in(make_dataset(views=[*views, *new]))
    weights = {(u, c): np.log1p(t / 60) for u, c, t, _ in views}
    mean = sum(weights.values()) / len(weights)
    confidence = np.ones(20)
    confidence[[3, 11]] += 8.0 * np.log1p(np.array([10.0, 4000.0 / 60])) / mean
    solved = np.linalg.solve(
        (courses.T * confidence) @ courses + 2.0 * np.eye(3),
        courses.T @ (confidence * (confidence > 1)),
    )
    np.testing.assert_allclose(model.score([30], [np.arange(20)])[0], courses @ solved, atol=1e-5)
