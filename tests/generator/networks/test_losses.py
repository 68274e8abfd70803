"""Losses against the same in float64, term by term."""

import numpy as np
import pytest

COURSES, SIZE, STEPS = 12, 5, 7


@pytest.fixture(scope="module")
def case():
    from generator.networks.course_vectors import CourseVectors

    random = np.random.default_rng(5)
    table = random.normal(size=(COURSES, SIZE)).astype(np.float32)
    hidden = random.normal(size=(STEPS, SIZE)).astype(np.float32)
    targets = np.array([1, 12, 0, 3, 3, 0, 7], np.int32)
    return CourseVectors(table), table.astype(np.float64), hidden, targets


def loss_of(name, case, draws=COURSES, viewers=None):
    from generator.networks.losses import Loss

    vectors, _, hidden, targets = case
    viewers = np.ones(COURSES, np.int64) if viewers is None else viewers
    return float(Loss(name, viewers, draws, seed=1)(hidden, targets, vectors))


def test_softmax_is_the_cross_entropy_over_all_courses_of_the_steps_that_have_a_target(case):
    _, table, hidden, targets = case
    logits = hidden @ table.T
    of_steps = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(STEPS), targets - 1]
    assert loss_of("softmax", case) == pytest.approx(of_steps[targets > 0].mean(), rel=1e-5)


@pytest.mark.parametrize("popular", [False, True])
def test_sampled_softmax_comes_near_softmax_when_much_is_drawn(case, popular):
    viewers = np.arange(1, COURSES + 1) ** 3 if popular else None
    from generator.networks import losses

    vectors, _, hidden, targets = case
    counts = np.ones(COURSES, np.int64) if viewers is None else viewers
    sampled = losses.Loss("sampled_softmax", np.repeat(counts, 1), COURSES, seed=1)
    sampled._draws = 200_000
    chance = np.maximum(counts, 1) ** 0.75 / (np.maximum(counts, 1) ** 0.75).sum()
    sampled._log_expected = np.log(sampled._draws * chance).astype(np.float32)
    # The target counts once of itself, and never of what was drawn.
    found = float(sampled(hidden, targets, vectors))
    assert found == pytest.approx(expected_of_many_draws(case, chance, sampled._draws), rel=0.02)


def expected_of_many_draws(case, chance, draws):
    """-log(own / (own + all others)), each course as often as it is expected to be drawn."""
    _, table, hidden, targets = case
    losses = []
    for state, target in zip(hidden.astype(np.float64), targets, strict=True):
        if target:
            weights = np.exp(table @ state)
            own = weights[target - 1] / (draws * chance[target - 1])
            losses.append(-np.log(own / (own + weights.sum() - weights[target - 1])))
    return np.mean(losses)


def test_gbce_weighs_the_target_by_the_share_that_is_drawn(case):
    """All courses drawn but the target: beta is (draws / others), and no target is a negative."""
    from generator.networks.losses import CALIBRATION, Loss

    vectors, table, hidden, targets = case
    loss = Loss("gbce", np.ones(COURSES, np.int64), 4, seed=1)
    share = 4 / (COURSES - 1)
    beta = share * (CALIBRATION * (1 - 1 / share) + 1 / share)
    assert loss._beta == pytest.approx(beta)
    positive, negative, drawn = (np.asarray(of) for of in loss._scores(hidden, targets, vectors))
    of_steps = beta * np.log1p(np.exp(-positive.astype(np.float64)))
    for step in range(STEPS):
        for column, course in enumerate(drawn):
            if course == targets[step]:
                assert negative[step, column] < -1e8
            else:
                assert negative[step, column] == pytest.approx(
                    float(table[course - 1] @ hidden[step]), abs=1e-5
                )
                of_steps[step] += np.log1p(np.exp(float(negative[step, column])))
    again = Loss("gbce", np.ones(COURSES, np.int64), 4, seed=1)
    expected = of_steps[targets > 0].mean()
    assert float(again(hidden, targets, vectors)) == pytest.approx(expected, rel=1e-4)


def test_bpr_is_the_mean_over_drawn_courses_of_how_far_the_target_is_above_them(case):
    from generator.networks.losses import Loss

    vectors, table, hidden, targets = case
    loss = Loss("bpr", np.ones(COURSES, np.int64), 9, seed=1)
    drawn = np.asarray(loss._scores(hidden, targets, vectors)[2])
    again = Loss("bpr", np.ones(COURSES, np.int64), 9, seed=1)
    of_steps = []
    for state, target in zip(hidden.astype(np.float64), targets, strict=True):
        others = drawn[drawn != target]
        apart = table[target - 1] @ state - table[others - 1] @ state
        of_steps += [np.log1p(np.exp(-apart)).mean()] if target else []
    assert float(again(hidden, targets, vectors)) == pytest.approx(np.mean(of_steps), rel=1e-5)


def test_squared_is_the_distance_to_what_the_score_is_to_be_and_other_losses_count_steps(case):
    from generator.networks.losses import Loss

    vectors, table, hidden, targets = case
    amounts, there = np.arange(STEPS, dtype=np.float32), targets > 0
    scores = (hidden * table[targets - 1]).sum(axis=1)
    squared = Loss("squared", np.ones(COURSES, np.int64), 1, seed=1)
    expected = ((scores - amounts) ** 2)[there].mean()
    assert float(squared(hidden, targets, vectors, amounts)) == pytest.approx(expected, rel=1e-5)
    logits = hidden @ table.T
    of_steps = np.log(np.exp(logits).sum(axis=1)) - scores
    softmax = Loss("softmax", np.ones(COURSES, np.int64), 1, seed=1)
    counted = (of_steps * amounts)[there].mean()
    assert float(softmax(hidden, targets, vectors, amounts)) == pytest.approx(counted, rel=1e-5)
