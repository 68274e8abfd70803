"""The score, and what pulls each row back, against the same in float64."""

import numpy as np
import pytest

from generator.networks.factor_batches import PairBatches, Pairs

USERS, COURSES, SIZE = 6, 5, 3


@pytest.fixture(scope="module")
def case():
    from generator.networks.factor_network import FactorNetwork, FactorStart
    from generator.networks.losses import Loss

    random = np.random.default_rng(2)
    starts = [
        FactorStart(
            random.normal(size=(rows, SIZE)).astype(np.float32),
            random.normal(size=rows).astype(np.float32),
            random.integers(1, 9, rows),
        )
        for rows in (USERS, COURSES)
    ]
    loss = Loss("squared", np.ones(COURSES, np.int64), 1, 1)
    network = FactorNetwork(*starts, loss, reg=2.0, bias_reg=3.0)
    for side in (network.users_side, network.courses_side):
        side._shifts.assign(random.normal(size=side._shifts.shape))
    return network, *starts


def test_the_loss_is_that_of_products_and_biases_and_a_share_of_what_pulls_each_row(case):
    network, users, courses = case
    chosen = {"users": np.array([1, 4, 6, 0], np.int32)}
    targets, amounts = np.array([5, 1, 1, 0], np.int32), np.array([3, 0.5, 2, 7], np.float32)
    of_users, of_courses = np.array([0, 3, 5]), np.array([4, 0, 0])
    ours, theirs = network.users_side, network.courses_side
    scores = (users.vectors[of_users] * courses.vectors[of_courses]).sum(axis=1)
    scores = scores + ours.biases[of_users] + theirs.biases[of_courses]
    pulls = [
        (2 * (side.vectors[rows] ** 2).sum(axis=1) + 3 * (now[rows] - side.biases[rows]) ** 2)
        / side.examples[rows]
        for side, rows, now in (
            (users, of_users, ours.biases),
            (courses, of_courses, theirs.biases),
        )
    ]
    expected = ((scores - amounts[:3]) ** 2).mean() + (pulls[0] + pulls[1]).mean()
    given = network(chosen)
    found = network.compute_loss(chosen, (targets, amounts), given)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_every_course_is_what_each_is_alone(case):
    side = case[0].courses_side
    every = np.asarray(side.every())
    np.testing.assert_allclose(every, np.asarray(side(np.arange(1, COURSES + 1))), atol=1e-6)
    assert every.shape == (COURSES, SIZE + 2)


def test_batches_hold_every_pair_once_in_an_order_of_each_epochs_own():
    random = np.random.default_rng(0)
    pairs = Pairs(
        random.integers(0, 50, 300, np.int32),
        random.integers(0, 20, 300, np.int32),
        np.arange(300, dtype=np.float32),
    )
    batches = PairBatches(pairs, 20, seed=1)
    epochs = [list(batches.of_epoch(epoch)) for epoch in (0, 1, 0)]
    assert len(epochs[0]) == len(batches) == 10
    assert len({inputs["users"].shape for inputs, _ in epochs[0]}) == 1
    orders = []
    for epoch in epochs:
        users, courses, amounts = (
            np.concatenate(parts)
            for parts in zip(*((i["users"], c, a) for i, (c, a) in epoch), strict=True)
        )
        there = courses > 0
        orders.append(amounts[there].astype(int))
        np.testing.assert_array_equal(users[there], 1 + pairs.users[orders[-1]])
        np.testing.assert_array_equal(courses[there], 1 + pairs.courses[orders[-1]])
        assert sorted(orders[-1]) == list(range(300))
    assert orders[0].tolist() == orders[2].tolist() != orders[1].tolist()
