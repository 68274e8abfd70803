import numpy as np
import pytest

from generator.models.contrastive_course_sequence import ContrastiveCourseSequence
from generator.models.run_options import RunOptions
from shared.errors import SettingsError
from tests.planted_orders import chain, dated, share_of_next_courses_found, views_of

SMALL = {"embedding_size": 16, "epochs": 12, "learning_rate": 0.01, "dropout": 0.1}
TASTES, COURSES_OF_A_TASTE = 5, 12


def small(**options):
    return ContrastiveCourseSequence(**{**SMALL, **options})


def tastes(own=0.85, users=150, seed=6):
    """Users who mostly take up courses of one taste, in any order; user u is of taste u % 5."""
    random, orders = np.random.default_rng(seed), {}
    for user in range(users):
        of = np.where(random.random(7) < own, user % TASTES, random.integers(TASTES, size=7))
        chosen = random.choice(COURSES_OF_A_TASTE, 7, replace=False)
        orders[user] = [f"taste {t} course {c:02}" for t, c in zip(of, chosen, strict=True)]
    return dated(views_of(orders))


def share_of_one_taste(model):
    users = np.array(model.dataset.users.handles())
    listed = model.similar_users(range(len(users)), 5).indices
    return float((users[listed] % TASTES == users[:, None] % TASTES)[listed >= 0].mean())


def alike_alone_after(epochs):
    """From vectors by lot, so that what is found was learned and is not where vectors start."""
    options = {"next_loss": False, "contrast_weight": 1.0, "start": "random"}
    return small(**options, epochs=epochs).fit(tastes(), RunOptions(seed=1))


@pytest.fixture(scope="module")
def alike_alone():
    return alike_alone_after(25)


def test_users_of_one_taste_are_alike_though_nothing_says_what_comes_next(alike_alone):
    assert share_of_one_taste(alike_alone) > 0.8


def test_where_there_is_no_taste_none_is_found():
    model = small(next_loss=False, contrast_weight=1.0, epochs=4)
    assert share_of_one_taste(model.fit(tastes(own=0.0), RunOptions(seed=1))) < 0.35


def test_many_steps_of_training_tell_tastes_apart_and_a_few_do_not(alike_alone):
    assert share_of_one_taste(alike_alone) > share_of_one_taste(alike_alone_after(1)) + 0.1


def test_without_the_loss_of_next_courses_nothing_is_recommended(alike_alone):
    users = alike_alone.known_users()
    assert (alike_alone.recommend(users, 5).indices == -1).all()
    assert np.isnan(alike_alone.score(users[:2], [[0, 1], [2, 3]])).all()
    assert "held_out_ndcg_at_10" not in alike_alone.measures


def test_with_it_what_follows_is_found_where_order_decides():
    assert share_of_next_courses_found(small, chain(0.95)) > 0.75


@pytest.mark.parametrize(
    "option", [{"contrast_weight": 0.0}, {"temperature": 0.0}, {"cropped_to": 0.0}, {"masked": 1.1}]
)
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        ContrastiveCourseSequence(**option)
