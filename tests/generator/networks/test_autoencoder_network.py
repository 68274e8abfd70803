"""States, the loss and what is asked, against the same in float64."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.networks.bag_batches import (
    COURSES,
    PRESENT,
    ROWS,
    SHARES,
    BagBatches,
    shares_of,
)

USERS, MANY, SIZE, HIDDEN = 50, 9, 3, 4


@pytest.fixture(scope="module")
def amounts():
    random = np.random.default_rng(1)
    taken = random.random((USERS, MANY)) < 0.4
    taken[7] = False
    return sp.csr_matrix(np.where(taken, random.random(taken.shape) + 0.5, 0).astype(np.float32))


@pytest.fixture(scope="module")
def network():
    from generator.networks.autoencoder_network import AutoencoderNetwork, AutoencoderStart
    from generator.networks.losses import Loss

    random = np.random.default_rng(2)
    inputs, outputs = random.normal(size=(2, MANY, SIZE)).astype(np.float32)
    biases = random.normal(size=MANY).astype(np.float32)
    start = AutoencoderStart(inputs, outputs, biases, HIDDEN)
    loss = Loss("softmax", np.ones(MANY, np.int64), 4, 1)
    made = AutoencoderNetwork(start, loss, dropout=0.0, most_kl=0.5, anneal_steps=10, seed=1)
    made.compile("adam")
    for weight in made.head.weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    return made


def states_by_hand(network, amounts):
    """float64 [users, size] each: means, and logarithms of variances."""
    taken = (amounts.toarray() > 0).astype(np.float64)
    shares = taken / np.sqrt(np.maximum(taken.sum(axis=1, keepdims=True), 1))
    sums = shares @ network.inputs_table.rows
    kernel, bias, to_mean, mean_bias, to_spread, spread_bias = map(np.asarray, network.head.weights)
    hidden = np.tanh(sums @ kernel + bias)
    return sums + hidden @ to_mean + mean_bias, hidden @ to_spread + spread_bias


def test_what_is_asked_is_the_mean_that_training_sees(network, amounts):
    sums = shares_of(amounts) @ network.inputs_table.rows
    expected, log_variance = states_by_hand(network, amounts)
    found = np.asarray(network.asked().predict_on_batch({"sums": sums}))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    batches = BagBatches(amounts, seed=3)
    seen = 0
    for inputs, _ in batches.of_epoch(0):
        mean, spread = np.split(np.asarray(network(inputs)), 2, axis=1)
        for row in np.flatnonzero(inputs[PRESENT][:, 0]):
            own = np.sort(inputs[COURSES][(inputs[ROWS] == row) & (inputs[SHARES] > 0)]) - 1
            user = next(u for u in range(USERS) if list(amounts[u].indices) == list(own))
            np.testing.assert_allclose(mean[row], expected[user], atol=1e-5)
            np.testing.assert_allclose(spread[row], log_variance[user], atol=1e-5)
            seen += 1
    assert seen == USERS - 1


@pytest.mark.parametrize(("steps", "share"), [(0, 0.0), (5, 0.25), (40, 0.5)])
def test_the_loss_is_multinomial_and_the_distance_from_normal_rises_to_its_share(
    network, amounts, steps, share
):
    network.optimizer.iterations.assign(steps)
    (inputs, foretold), *_ = list(BagBatches(amounts, seed=3).of_epoch(0))
    given = np.array(network(inputs))
    # A spread this small draws the mean itself.
    given[:, SIZE:] = -30
    mean = given[:, :SIZE].astype(np.float64)
    logits = mean @ network.outputs_table.rows[:, :-1].T + network.outputs_table.rows[:, -1]
    chances = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    there = foretold > 0
    rows, courses = inputs[ROWS][there], inputs[COURSES][there] - 1
    users = int(inputs[PRESENT].sum())
    expected = -(chances[rows, courses] * foretold[there]).sum() / users
    distance = (mean**2 + np.exp(-30) - 1 + 30)[:users].sum() / 2 / users
    found = network.compute_loss(inputs, foretold, given)
    assert float(found) == pytest.approx(expected + share * distance, rel=1e-4)


def test_states_are_drawn_with_the_spread_that_the_logarithms_of_variances_say(
    network, amounts, monkeypatch
):
    (inputs, foretold), *_ = list(BagBatches(amounts, seed=3).of_epoch(0))
    given = np.full((len(inputs[PRESENT]), 2 * SIZE), np.log(9), np.float32)
    drawn = []
    watching = SimpleNamespace(of_bags=lambda states, *_: drawn.append(states) or 0.0)
    monkeypatch.setattr(network, "loss_of_bags", watching)
    for _ in range(30):
        network.compute_loss(inputs, foretold, given)
    states = np.concatenate([np.asarray(of)[:, :SIZE] for of in drawn])
    assert states.mean() == pytest.approx(np.log(9), abs=0.3)
    assert states.std() == pytest.approx(3, rel=0.1)


def test_a_softmax_over_much_that_is_drawn_comes_near_that_over_all(network, amounts):
    from generator.networks.losses import Loss

    viewers = np.arange(1, MANY + 1) ** 2
    (inputs, foretold), *_ = list(BagBatches(amounts, seed=3).of_epoch(0))
    random = np.random.default_rng(4)
    hidden = random.normal(size=(len(inputs[PRESENT]), SIZE + 1)).astype(np.float32)
    asked = hidden, inputs[ROWS], inputs[COURSES], network.outputs_table, foretold
    whole = float(Loss("softmax", viewers, 1, 1).of_bags(*asked))
    sampled = Loss("sampled_softmax", viewers, MANY, 1)
    # More than there are courses: what is drawn is all of them, as often as by lot.
    sampled._draws = 50_000
    chance = viewers**0.75 / (viewers**0.75).sum()
    sampled._log_expected = np.log(sampled._draws * chance).astype(np.float32)
    assert float(sampled.of_bags(*asked)) == pytest.approx(whole, rel=0.02)


def test_an_epoch_has_every_user_with_courses_once_and_the_next_one_another_order(amounts):
    batches = BagBatches(amounts, seed=3)
    orders = []
    for epoch in (0, 1, 0):
        given = list(batches.of_epoch(epoch))
        assert len(given) == len(batches)
        assert len({inputs[PRESENT].shape for inputs, _ in given}) == 1
        pairs = np.concatenate([foretold[foretold > 0] for _, foretold in given])
        assert sorted(pairs) == sorted(amounts.data)
        orders.append(pairs.tolist())
    assert orders[0] == orders[2] != orders[1]
