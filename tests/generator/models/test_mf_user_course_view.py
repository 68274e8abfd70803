from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.dataset.rating_scale import RatingScale
from generator.models.mf_user_course_view import MfUserCourseView
from generator.models.run_options import RunOptions
from shared.errors import ModelError
from tests.datasets import make_dataset
from tests.next_to_nothing import (
    assert_lists_have_no_noise,
    of_little,
    views_of_twenty_thousand_courses,
)
from tests.planted import plant_tribes

USERS, COURSES, RANK, NOISE, MEAN = 150, 60, 2, 0.2, 6.0
RUN = RunOptions(seed=1)
VALUES = {"loss": "squared", "embedding_size": 4, "learning_rate": 0.03, "epochs": 10}


class Rated:
    """Ratings from 1 to 10, of biases and two tastes; a fifth of them to be foretold."""

    def __init__(self):
        random = np.random.default_rng(3)
        self.user_biases, self.course_biases = (
            random.normal(size=USERS),
            random.normal(size=COURSES),
        )
        tastes = random.normal(size=(USERS, RANK)), random.normal(size=(COURSES, RANK))
        self.without_noise = MEAN + self.user_biases[:, None] + self.course_biases
        self.without_noise += tastes[0] @ tastes[1].T
        ratings = self.without_noise + NOISE * random.normal(size=self.without_noise.shape)
        lots = random.random(ratings.shape)
        self.held_out = np.nonzero(lots < 0.1)
        self.ratings = ratings.astype(np.float32)
        given = sp.csr_matrix(np.where((lots > 0.1) & (lots < 0.6), self.ratings, 0))
        views = [(u, f"c{c:02}", 3600.0, "") for u, c in zip(*given.nonzero(), strict=True)]
        self.dataset = replace(
            make_dataset(views=views), ratings=given, rating_scale=RatingScale(-9, 20)
        )


@pytest.fixture(scope="module")
def rated():
    return Rated()


@pytest.fixture(scope="module")
def foreteller(rated):
    return MfUserCourseView(**VALUES, reg=0.5).fit(rated.dataset, RUN)


def error(model, rated):
    apart = model.values(*rated.held_out) - rated.ratings[rated.held_out]
    return float(np.sqrt(np.mean(apart**2)))


def test_a_matrix_of_low_rank_is_recovered_where_biases_alone_cannot(rated, foreteller):
    held_out = rated.without_noise[rated.held_out]
    mean_and_biases = (
        MEAN + rated.user_biases[rated.held_out[0]] + rated.course_biases[rated.held_out[1]]
    )
    by_biases = float(np.sqrt(np.mean((held_out - mean_and_biases) ** 2)))
    assert by_biases > 1.2
    assert error(foreteller, rated) < 0.35


def test_biases_are_recovered(rated, foreteller):
    for found, planted in (
        (foreteller._user_biases, rated.user_biases),
        (foreteller._course_biases, rated.course_biases),
    ):
        assert np.corrcoef(found, planted)[0, 1] > 0.9


def test_the_score_is_the_product_and_both_biases_and_values_keep_to_the_scale(rated, foreteller):
    users = np.arange(20)
    every_course = np.tile(np.arange(COURSES), (20, 1))
    products = foreteller._users[:20].astype(np.float64) @ foreteller._courses.T
    expected = products + foreteller._user_biases[:20, None] + foreteller._course_biases
    np.testing.assert_allclose(foreteller.score(users, every_course), expected, atol=1e-4)
    short = replace(rated.dataset, rating_scale=RatingScale(5, 6))
    narrow = MfUserCourseView(**VALUES | {"epochs": 1}).fit(short, RUN)
    values = narrow.values(*rated.held_out)
    assert values.min() >= 5
    assert values.max() <= 6


def test_a_user_who_is_folded_in_is_foretold_as_their_twin_is(rated, foreteller, tmp_path):
    foreteller.save(tmp_path / "kept")
    loaded = MfUserCourseView.load(tmp_path / "kept", rated.dataset)
    twin = rated.dataset.ratings[[7]]
    views = [
        (u, f"c{c:02}", 3600.0, "") for u, c in zip(*rated.dataset.ratings.nonzero(), strict=True)
    ]
    views += [(USERS, f"c{course:02}", 3600.0, "") for course in twin.indices]
    data = make_dataset(views=views)
    ratings = sp.vstack([rated.dataset.ratings, twin]).tocsr()
    loaded.fold_in(replace(data, ratings=ratings, rating_scale=rated.dataset.rating_scale))
    pairs = np.full(COURSES, USERS), np.arange(COURSES)
    apart = loaded.values(*pairs) - foreteller.values(np.full(COURSES, 7), pairs[1])
    assert np.abs(apart).mean() < 0.2


@pytest.mark.parametrize("loss", ["bpr", "gbce", "sampled_softmax"])
def test_each_loss_over_choices_finds_the_tribes(loss):
    planted = plant_tribes()
    options = {"embedding_size": 8, "negatives": 16, "learning_rate": 0.02}
    model = MfUserCourseView(loss=loss, **options).fit(planted.dataset, RUN)
    users = model.known_users()
    listed = model.recommend(users, 4).indices
    assert (planted.tribe_of_course[listed] == planted.tribe_of_user[users][:, None]).mean() > 0.9


def test_only_a_network_that_learned_values_foretells_them():
    with pytest.raises(ModelError, match="foretells values only if its loss is squared"):
        MfUserCourseView().values(np.zeros(1, int), np.zeros(1, int))


def test_without_ratings_values_are_how_long_views_are():
    random = np.random.default_rng(0)
    lengths = {f"c{course}": 60.0 * 3**course for course in range(5)}
    views = [
        (user, course, lengths[course], "")
        for user in range(40)
        for course in random.choice(list(lengths), 3, replace=False)
    ]
    model = MfUserCourseView(**VALUES | {"epochs": 40}, bias_reg=0.1).fit(
        make_dataset(views=views), RUN
    )
    expected = np.log1p([seconds / 60 for seconds in lengths.values()])
    values = model.values(np.zeros(5, int), np.arange(5))
    np.testing.assert_allclose(values, expected, atol=0.4)


@of_little
@pytest.mark.parametrize("loss", ["auto", "squared"])
def test_next_to_nothing_is_listed_without_noise(views, loss):
    """All values are equal here, too: biases say it all, and vectors are nothing."""
    model = MfUserCourseView(loss=loss, epochs=2, embedding_size=4).fit(make_dataset(views=views))
    assert_lists_have_no_noise(model, views)


def test_twenty_thousand_courses_are_drawn_from_and_not_all_scored():
    views = views_of_twenty_thousand_courses(users=2_000)
    model = MfUserCourseView(epochs=1, embedding_size=8, negatives=64)
    model.fit(make_dataset(views=views, courses=range(20_000)), RUN)
    assert model._loss(20_000) == "sampled_softmax"
    assert (model.recommend(model.known_users()[:5], 3).indices >= 0).all()
