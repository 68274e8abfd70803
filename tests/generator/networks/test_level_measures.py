import numpy as np
import pytest

from generator.networks.level_measures import measured

LEVELS = np.array([0, 1, 0, 1] * 100, np.int32)


def certain(share: float) -> np.ndarray:
    """Probabilities that give the true level this share."""
    found = np.full((len(LEVELS), 2), 1 - share, np.float32)
    found[np.arange(len(LEVELS)), LEVELS] = share
    return found


def test_what_the_user_is_worth_is_the_difference_of_the_log_losses():
    measures = measured(certain(0.8), certain(0.6), LEVELS, LEVELS)
    assert measures.worth_of_users == pytest.approx(np.log(0.8 / 0.6), abs=1e-6)
    assert measures.figures["held_out_log_loss"] == pytest.approx(-np.log(0.8), abs=1e-6)
    assert measures.figures["average_user_log_loss"] == pytest.approx(-np.log(0.6), abs=1e-6)
    assert measures.figures["held_out_accuracy"] == 1
    assert measures.tell_users_apart


def test_users_of_whom_nothing_is_known_are_worth_nothing():
    assert not measured(certain(0.6), certain(0.6), LEVELS, LEVELS).tell_users_apart
    assert not measured(certain(0.55), certain(0.6), LEVELS, LEVELS).tell_users_apart


def test_few_held_out_views_leave_the_benefit_of_the_doubt():
    random = np.random.default_rng(1)
    noisy = certain(0.6)
    noisy[:, 0] = np.clip(noisy[:, 0] + random.normal(0, 0.2, len(noisy)), 0.05, 0.95)
    noisy[:, 1] = 1 - noisy[:, 0]
    many = [np.tile(part, (50, 1)) for part in (noisy, certain(0.6))]
    levels = np.tile(LEVELS, 50)
    assert not measured(*many, levels, levels).tell_users_apart
    few = slice(0, 20)
    assert measured(noisy[few], certain(0.6)[few], LEVELS, LEVELS[few]).tell_users_apart


def test_the_prior_knows_the_shares_of_the_levels_alone():
    known = np.array([0] * 7 + [1], np.int32)
    figures = measured(certain(0.5), certain(0.5), known, LEVELS).figures
    assert figures["majority_accuracy"] == 0.5
    expected = -(np.log(8 / 10) + np.log(2 / 10)) / 2
    assert figures["prior_log_loss"] == pytest.approx(expected)
